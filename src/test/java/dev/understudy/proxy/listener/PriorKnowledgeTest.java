package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.FrontendRig.Entrance;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import dev.understudy.traffic.Limit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 without TLS (RFC 9113 §3.3), beside HTTP/1 on one plain listener. */
class PriorKnowledgeTest {
  private static final byte[] SETTINGS = RawHttp2.encode(RawHttp2.SETTINGS, 0, 0, new byte[0]);
  private static final String END = "Connection: close\r\n\r\n";

  private FrontendRig rig;

  @AfterEach
  void close() {
    rig.close();
  }

  private void start(String... limits) {
    rig = new FrontendRig(Entrance.CLEAR, FrontendRig.limits(limits));
  }

  private static String status(RawHttp2 client, int stream) throws IOException {
    return client.read(RawHttp2.HEADERS, stream).fields().status().toString();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : parts) {
      all.writeBytes(each);
    }
    return all.toByteArray();
  }

  /** The preface, in the pieces of a row, and settings. */
  private static byte[][] pieces(String row) {
    byte[] all = joined(RawHttp2.PREFACE, SETTINGS);
    return switch (row) {
      case "at once" -> new byte[][] {all};
      case "byte by byte" ->
          IntStream.range(0, all.length)
              .mapToObj(at -> new byte[] {all[at]})
              .toArray(byte[][]::new);
      default -> {
        int cut = Integer.parseInt(row.substring(row.lastIndexOf(' ') + 1));
        yield new byte[][] {Arrays.copyOf(all, cut), Arrays.copyOfRange(all, cut, all.length)};
      }
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"at once", "byte by byte", "cut after 1", "cut after 23", "cut after 24"})
  void a_client_that_begins_with_the_preface_is_served_in_both_lanes(String row) throws Exception {
    start();
    try (RawHttp2 client = RawHttp2.clear(rig.port(), pieces(row))) {
      assertThat(status(client.get(1, "/"), 1)).isEqualTo("200");
      assertThat(status(client.get(3, "/gateway/x"), 3)).isEqualTo("200");
      Frame body = client.read(RawHttp2.DATA, 3);
      assertThat(new String(body.payload(), StandardCharsets.UTF_8)).startsWith("/gateway/x");
      client.post(5, "/").frame(RawHttp2.DATA, RawHttp2.END_STREAM, 5, new byte[10]);
      assertThat(status(client, 5)).isEqualTo("200");
    }
    assertThat(rig.server.calls()).hasSize(2);
  }

  /** What an HTTP/1 client gets, to the end of the connection. */
  private static String answer(Entrance entrance, String sent, boolean ends) throws Exception {
    FrontendRig rig = new FrontendRig(entrance);
    rig.server.script(call -> call.reply(200, call.line()));
    try (RawClient client = new RawClient(rig.port()).send(sent)) {
      if (ends) {
        client.socket().shutdownOutput();
      }
      return new String(client.in().readAllBytes(), StandardCharsets.UTF_8)
          .replaceAll("[0-9a-f]{16}-[0-9]+", "ID");
    } finally {
      rig.close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a request | 200 | GET / HTTP/1.1~Host: h~",
        "requests behind one another | 200 | GET /a HTTP/1.1~Host: h~~GET /b HTTP/1.1~Host: h~",
        "one that begins as the preface does | 200 | PROPFIND / HTTP/1.1~Host: h~",
        "a method PRI | 200 | PRI / HTTP/1.1~Host: h~",
        "the preface's method and target | 400 | PRI * HTTP/1.1~Host: h~",
        "a preface with another end | 505 | PRI * HTTP/2.0~~SM~ ",
        "a preface after a request | 200 | GET / HTTP/1.1~Host: h~~PRI * HTTP/2.0~~SM~~",
        "an upgrade to h2c, ignored | 200 | GET / HTTP/1.1~Host: h~Upgrade: h2c~"
            + "HTTP2-Settings: AAMAAABkAAQAAP__~Connection: Upgrade, HTTP2-Settings, close~",
      })
  void anything_else_is_http_1_as_where_there_is_no_http_2(String row, int status, String sent)
      throws Exception {
    rig = new FrontendRig(Entrance.PLAIN);
    String text = sent.replace("~", "\r\n") + END;
    String answered = answer(Entrance.CLEAR, text, false);
    assertThat(answered).as(row).startsWith("HTTP/1.1 " + status);
    assertThat(answered).isEqualTo(answer(Entrance.PLAIN, text, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r", "GET / HTTP/1.1\r\n"})
  void a_client_that_ends_before_it_has_said_what_it_speaks_gets_what_http_1_says(String sent)
      throws Exception {
    rig = new FrontendRig(Entrance.PLAIN);
    assertThat(answer(Entrance.CLEAR, sent, true)).isEqualTo(answer(Entrance.PLAIN, sent, true));
  }

  @Test
  void where_it_is_off_the_preface_is_a_request_of_another_version() throws Exception {
    rig = new FrontendRig(Entrance.PLAIN);
    assertThat(answer(Entrance.PLAIN, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false))
        .startsWith("HTTP/1.1 505");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 23})
  void nothing_or_a_part_of_the_preface_in_the_header_time_is_closed(int length) {
    start("header-timeout=300ms");
    try (RawClient silent = new RawClient(rig.port())) {
      silent.write(Arrays.copyOf(RawHttp2.PREFACE, length));
      assertThat(silent.isEnded()).isTrue();
      assertThat(rig.seen.limits).containsExactly(Limit.HEADER_TIME);
    }
  }

  @Test
  void a_preface_without_a_request_in_the_header_time_is_ended() throws Exception {
    start("header-timeout=300ms");
    try (RawHttp2 client = RawHttp2.clear(rig.port()).settings()) {
      assertThat(client.rest()).anyMatch(frame -> frame.type() == RawHttp2.GOAWAY);
      assertThat(rig.seen.limits).containsExactly(Limit.HEADER_TIME);
    }
  }

  @Test
  void one_without_a_request_makes_room_for_others() throws Exception {
    start("max-connections=2");
    try (RawHttp2 idle = RawHttp2.clear(rig.port()).settings()) {
      idle.read(RawHttp2.SETTINGS);
      assertThat(RawClient.get(rig.port(), "/")).startsWith("HTTP/1.1 200");
      try (RawHttp2 other = RawHttp2.clear(rig.port()).settings()) {
        assertThat(status(other.get(1, "/"), 1)).isEqualTo("200");
        assertThat(idle.rest()).anyMatch(frame -> frame.type() == RawHttp2.GOAWAY);
      }
    }
    Await.until("none is counted", () -> rig.frontend.connections().connections() == 0);
  }

  @Test
  void a_stop_ends_it_gracefully() throws Exception {
    start();
    try (RawHttp2 client = RawHttp2.clear(rig.port()).settings()) {
      assertThat(status(client.get(1, "/"), 1)).isEqualTo("200");
      CompletableFuture<Void> stopped = rig.stop();
      assertThat(client.read(RawHttp2.GOAWAY).number(0)).isEqualTo(Integer.MAX_VALUE);
      Frame ping = client.read(RawHttp2.PING);
      client.get(3, "/crossing").frame(RawHttp2.PING, RawHttp2.ACK, 0, ping.payload());
      assertThat(status(client, 3)).isEqualTo("200");
      stopped.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_client_that_is_gone_has_its_requests_cancelled() throws Exception {
    start();
    CompletableFuture<Void> never = new CompletableFuture<>();
    rig.server.script(call -> never.get(20, TimeUnit.SECONDS));
    try (RawHttp2 client = RawHttp2.clear(rig.port()).settings()) {
      client.get(1, "/");
      Await.until("it has arrived", () -> rig.server.calls().size() == 1);
    }
    Await.until("its outcome", () -> rig.seen.outcomes.size() == 1);
    never.complete(null);
    assertThat(List.copyOf(rig.seen.outcomes).get(0).end().name()).contains("CLIENT");
  }
}
