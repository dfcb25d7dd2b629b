package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.RemainingBodyLimits;
import dev.understudy.testing.RawClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients go on sending when their response is already there. */
class RemainingBodyTest {
  private static final int MUCH = 512 * 1024 * 1024;
  private static LaneApp app;

  @BeforeAll
  static void start() {
    app = LaneApp.start();
    app.use(List.of("RequireWebSocketUpgrade=/websocket"), everything());
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @BeforeEach
  void fresh() {
    app.engine.script(call -> call.respond(200, "early"));
  }

  @ParameterizedTest
  @CsvSource({"/x, 200", "/websocket, 403"})
  void a_client_that_sends_on_without_end_is_cut_off(String target, int status) throws IOException {
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("GET /first HTTP/1.1\nHost: a\n\n").readUntil("early");
      client.sendLines("POST " + target + " HTTP/1.1\nHost: a\nContent-Length: 99999999999\n\n");
      assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 " + status);
      assertThat(sendsUntilCutOff(client)).isTrue();
    }
  }

  private static boolean sendsUntilCutOff(RawClient client) {
    byte[] piece = new byte[64 * 1024];
    try {
      for (int sent = 0; sent < MUCH; sent += piece.length) {
        client.socket().getOutputStream().write(piece);
      }
      return false;
    } catch (IOException cutOff) {
      return true;
    }
  }

  @Test
  void a_client_that_stops_in_its_body_is_cut_off() throws IOException {
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("POST /x HTTP/1.1\nHost: a\nContent-Length: 100\n\nabc");
      assertThat(client.readUntil("early")).startsWith("HTTP/1.1 200");
      assertThat(client.readAll()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"/x, 200", "/websocket, 403"})
  void a_small_remaining_body_does_not_cost_the_connection(String target, int status)
      throws IOException {
    int length = RemainingBodyLimits.MAX_BYTES / 2;
    try (RawClient client = new RawClient(app.port())) {
      for (int i = 0; i < 3; i++) {
        client.sendLines(
            "POST %s HTTP/1.1\nHost: a\nContent-Length: %d\n\n".formatted(target, length));
        assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 " + status);
        client.readUntil(status == 200 ? "early" : "}");
        client.socket().getOutputStream().write(new byte[length]);
      }
    }
  }

  @Test
  void a_large_body_is_not_cut_off_before_its_response() throws IOException {
    app.engine.script(
        call -> {
          call.onEnd = () -> call.respond(200, "late");
          call.downstream.requestRead();
        });
    int length = RemainingBodyLimits.MAX_BYTES * 4;
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("POST /x HTTP/1.1\nHost: a\nContent-Length: %d\n\n".formatted(length));
      client.socket().getOutputStream().write(new byte[length]);
      assertThat(client.readUntil("late")).startsWith("HTTP/1.1 200");
    }
  }
}
