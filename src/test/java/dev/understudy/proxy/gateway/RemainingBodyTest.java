package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.RemainingBodyLimits;
import dev.understudy.testing.RawClient;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients go on sending when their response is already there. */
class RemainingBodyTest extends ScriptedLaneTable {
  private static final int MUCH = 512 * 1024 * 1024;

  @BeforeEach
  void fresh() {
    app.use(List.of("RequireWebSocketUpgrade=/websocket"), everything());
    app.engine.script(call -> call.respond(200, "early"));
  }

  @ParameterizedTest
  @CsvSource({"/x, 200", "/websocket, 403"})
  void a_client_that_sends_on_without_end_is_cut_off(String target, int status) {
    try (RawClient client = connect()) {
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
        client.write(piece);
      }
      return false;
    } catch (UncheckedIOException cutOff) {
      return true;
    }
  }

  @Test
  void a_client_that_stops_in_its_body_is_cut_off() {
    try (RawClient client = connect()) {
      client.sendLines("POST /x HTTP/1.1\nHost: a\nContent-Length: 100\n\nabc");
      assertThat(client.readUntil("early")).startsWith("HTTP/1.1 200");
      assertThat(client.readAll()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"/x, 200", "/websocket, 403"})
  void a_small_remaining_body_does_not_cost_the_connection(String target, int status) {
    int length = RemainingBodyLimits.MAX_BYTES / 2;
    try (RawClient client = connect()) {
      for (int i = 0; i < 3; i++) {
        client.sendLines(
            "POST %s HTTP/1.1\nHost: a\nContent-Length: %d\n\n".formatted(target, length));
        assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 " + status);
        client.readUntil(status == 200 ? "early" : "}");
        client.write(new byte[length]);
      }
    }
  }

  @Test
  void a_large_body_is_not_cut_off_before_its_response() {
    app.engine.script(
        call -> {
          call.onEnd = () -> call.respond(200, "late");
          call.downstream.requestRead();
        });
    int length = RemainingBodyLimits.MAX_BYTES * 4;
    try (RawClient client = connect()) {
      client.sendLines("POST /x HTTP/1.1\nHost: a\nContent-Length: %d\n\n".formatted(length));
      client.write(new byte[length]);
      assertThat(client.readUntil("late")).startsWith("HTTP/1.1 200");
    }
  }
}
