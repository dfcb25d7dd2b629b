package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import dev.understudy.traffic.Limit;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one HTTP/2 connection may cost, in both lanes of the whole application. */
class Http2LimitsTest {
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int MAX_HEADER_LIST_SIZE = 6;
  private static final int ENABLE_CONNECT_PROTOCOL = 8;
  private static final int STREAMS = 100;

  /** Of a connection, which no setting makes smaller (RFC 9113 §6.9.2). */
  private static final int CONNECTION_WINDOW = 65_535;

  private static SecureProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        new SecureProxy(
            folder,
            "understudy.client.idle=2s",
            "understudy.client.max-headers=20",
            "understudy.client.max-request-line=1KB",
            "understudy.client.max-header-size=2KB");
  }

  @AfterAll
  static void stop() {
    proxy.close();
  }

  @AfterEach
  void nobody_is_left() {
    Await.until("no client is connected", () -> proxy.connections() == 0);
    proxy.server.script(call -> call.reply(200, "server"));
  }

  /** From now on; counted down they come. */
  private static CountDownLatch lateResponses() {
    CountDownLatch go = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          go.await();
          call.reply(200, "late");
        });
    return go;
  }

  private static RawHttp2 connect() throws IOException {
    return RawHttp2.connect(proxy.port()).settings();
  }

  private static String status(RawHttp2 client, int stream) throws IOException {
    return client.read(RawHttp2.HEADERS, stream).fields().status().toString();
  }

  private static String[] fields(int count, int size) {
    String[] fields = new String[count];
    for (int i = 0; i < count; i++) {
      fields[i] = "x-" + i + ": " + "x".repeat(size);
    }
    return fields;
  }

  /** Returns the frames that came after it; it was ended for that reason, if it was told any. */
  private static List<Frame> assertEnded(RawHttp2 client, Http2Error why) throws IOException {
    List<Frame> rest = client.rest();
    assertThat(rest.stream().filter(frame -> frame.type() == RawHttp2.GOAWAY))
        .allSatisfy(goAway -> assertThat(goAway.number(4)).isEqualTo(why.code()));
    return rest;
  }

  /** Asked by target, as requests of the test before may still arrive. */
  private static boolean forwarded(String target) {
    return proxy.server.calls().stream().anyMatch(call -> call.line().contains("/" + target + " "));
  }

  // ------------------------------------------------------------ what is said

  @Test
  void the_settings_frame_announces_the_limits() throws IOException {
    try (RawHttp2 client = connect()) {
      ByteBuffer settings = ByteBuffer.wrap(client.read(RawHttp2.SETTINGS).payload());
      Map<Integer, Integer> said = new HashMap<>();
      while (settings.hasRemaining()) {
        said.put((int) settings.getShort(), settings.getInt());
      }
      assertThat(said)
          .containsEntry(MAX_CONCURRENT_STREAMS, STREAMS)
          .containsEntry(MAX_HEADER_LIST_SIZE, 2048)
          .containsEntry(ENABLE_CONNECT_PROTOCOL, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void one_stream_more_than_may_be_is_refused_and_the_others_are_served(String target)
      throws IOException {
    CountDownLatch go = lateResponses();
    try (RawHttp2 client = connect()) {
      for (int i = 0; i <= STREAMS; i++) {
        client.get(2 * i + 1, target);
      }
      Frame refused = client.read(RawHttp2.RST_STREAM);
      assertThat(refused.stream()).isEqualTo(2 * STREAMS + 1);
      assertThat(refused.number(0)).isEqualTo(Http2Error.REFUSED_STREAM.code());
      go.countDown();
      for (int i = 0; i < STREAMS; i++) {
        Http2Headers head = client.read(RawHttp2.HEADERS).fields();
        assertThat(head.status()).hasToString("200");
      }
    }
  }

  // ------------------------------------------------------------ heads

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void more_header_fields_than_may_be_are_431_and_the_connection_stays(String target)
      throws IOException {
    int before = proxy.limited(Limit.HEADER_COUNT);
    try (RawHttp2 client = connect()) {
      assertThat(status(client.get(1, target, fields(25, 1)), 1)).isEqualTo("431");
      assertThat(proxy.limited(Limit.HEADER_COUNT)).isEqualTo(before + 1);
      assertThat(status(client.get(3, target, fields(10, 1)), 3)).isEqualTo("200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void larger_header_fields_than_may_be_are_431_and_the_connection_stays(String target)
      throws IOException {
    int before = proxy.limited(Limit.HEADER_SIZE);
    int refusals = proxy.refusals();
    try (RawHttp2 client = connect()) {
      Frame refused = client.get(1, target + "larger", fields(10, 190)).read(RawHttp2.HEADERS, 1);
      assertThat(refused.fields().status()).hasToString("431");
      assertThat(refused.is(RawHttp2.END_STREAM)).isTrue();
      assertThat(status(client.get(3, target + "large", fields(10, 100)), 3)).isEqualTo("200");
    }
    assertThat(proxy.limited(Limit.HEADER_SIZE)).isEqualTo(before + 1);
    assertThat(proxy.refusals()).isEqualTo(refusals + 1);
    assertThat(forwarded("large")).isTrue();
    assertThat(forwarded("larger")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void larger_header_fields_than_may_be_do_not_concern_other_streams(String target)
      throws IOException {
    CountDownLatch go = lateResponses();
    int before = proxy.limited(Limit.HEADER_SIZE);
    try (RawHttp2 client = connect()) {
      client.get(1, target).get(3, target, fields(10, 190)).get(5, target, fields(10, 190));
      assertThat(status(client, 3)).isEqualTo("431");
      assertThat(status(client, 5)).isEqualTo("431");
      go.countDown();
      assertThat(status(client, 1)).isEqualTo("200");
      assertThat(client.read(RawHttp2.DATA, 1).payload()).asString().isEqualTo("late");
      client.post(7, target);
      client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 7, new byte[1]);
      assertThat(status(client, 7)).isEqualTo("200");
    }
    assertThat(proxy.limited(Limit.HEADER_SIZE)).isEqualTo(before + 2);
  }

  @Test
  void the_access_log_knows_only_the_status_of_a_head_that_was_too_large() throws IOException {
    try (RawHttp2 client = connect()) {
      client.get(1, "/express/", fields(10, 190)).read(RawHttp2.HEADERS, 1);
    }
    assertThat(proxy.logged(""))
        .contains(
            "client=\"127.0.0.1",
            "method=\"\" host=\"\" target=\"\" status=431 route=- ",
            "end=BAD_REQUEST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_longer_target_than_a_request_line_may_hold_is_414_and_the_connection_stays(String target)
      throws IOException {
    int before = proxy.limited(Limit.REQUEST_LINE);
    String line = "GET " + target + " HTTP/1.1";
    String longest = target + "a".repeat(1024 - line.length());
    try (RawHttp2 client = connect()) {
      assertThat(status(client.get(1, longest + "a"), 1)).isEqualTo("414");
      assertThat(proxy.limited(Limit.REQUEST_LINE)).isEqualTo(before + 1);
      assertThat(status(client.get(3, longest), 3)).isEqualTo("200");
    }
  }

  @Test
  void far_larger_header_fields_end_the_connection() throws IOException {
    int before = proxy.limited(Limit.HEADER_SIZE);
    try (RawHttp2 client = connect()) {
      client.get(1, "/express/far-larger", fields(10, 1500));
      assertEnded(client, Http2Error.PROTOCOL_ERROR);
    }
    assertThat(proxy.limited(Limit.HEADER_SIZE)).isEqualTo(before + 1);
    assertThat(forwarded("far-larger")).isFalse();
  }

  // ------------------------------------------------------------ trailers

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void larger_trailers_than_may_be_reset_their_stream_and_the_connection_stays(String target)
      throws IOException {
    int before = proxy.limited(Limit.HEADER_SIZE);
    try (RawHttp2 client = connect()) {
      client.post(1, target).head(1, true, fields(10, 190));
      assertThat(client.read(RawHttp2.RST_STREAM).stream()).isEqualTo(1);
      assertThat(proxy.limited(Limit.HEADER_SIZE)).isEqualTo(before + 1);
      client.post(3, target).head(3, true, fields(10, 100));
      assertThat(status(client, 3)).isEqualTo("200");
    }
    assertThat(proxy.limited(Limit.HEADER_SIZE)).isEqualTo(before + 1);
  }

  @Test
  void far_larger_trailers_end_the_connection() throws IOException {
    int before = proxy.limited(Limit.HEADER_SIZE);
    try (RawHttp2 client = connect()) {
      client.post(1, "/express/").head(1, true, fields(10, 1500));
      assertEnded(client, Http2Error.PROTOCOL_ERROR);
    }
    assertThat(proxy.limited(Limit.HEADER_SIZE)).isEqualTo(before + 1);
  }

  // ------------------------------------------------------------ bodies

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_stream_whose_client_sends_nothing_while_the_response_comes_is_not_idle(String target)
      throws IOException {
    int before = proxy.limited(Limit.CLIENT_IDLE);
    proxy.server.script(SlowResponse::send);
    try (RawHttp2 client = connect()) {
      client.post(1, target);
      StringBuilder body = new StringBuilder();
      while (body.length() < SlowResponse.BODY.length()) {
        body.append(new String(client.read(RawHttp2.DATA, 1).payload()));
      }
      assertThat(body).hasToString(SlowResponse.BODY);
      assertThat(proxy.limited(Limit.CLIENT_IDLE)).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_stream_whose_body_never_comes_is_ended_and_the_connection_stays(String target)
      throws IOException {
    int before = proxy.limited(Limit.CLIENT_IDLE);
    proxy.server.script(call -> call.reply(200, call.text()));
    try (RawHttp2 client = connect()) {
      Frame end = client.post(1, target).read();
      while (end.stream() != 1) {
        end = client.read();
      }
      assertThat(
              end.type() == RawHttp2.RST_STREAM || end.fields().status().toString().equals("408"))
          .as(end.toString())
          .isTrue();
      assertThat(proxy.limited(Limit.CLIENT_IDLE)).isEqualTo(before + 1);
      assertThat(status(client.get(3, target), 3)).isEqualTo("200");
    }
  }

  // ------------------------------------------------------------ windows

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_stream_whose_window_is_never_opened_is_reset_and_the_connection_stays(String target)
      throws IOException {
    int before = proxy.limited(Limit.CLIENT_IDLE);
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings(INITIAL_WINDOW_SIZE, 0)) {
      assertThat(status(client.get(1, target), 1)).isEqualTo("200");
      assertThat(client.read(RawHttp2.RST_STREAM).stream()).isEqualTo(1);
      assertThat(proxy.limited(Limit.CLIENT_IDLE)).isEqualTo(before + 1);
      client.head(3, true, ":method: HEAD", ":scheme: https", ":authority: h", ":path: " + target);
      assertThat(status(client, 3)).isEqualTo("200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void streams_wait_no_longer_than_that_for_the_window_of_their_connection(String target)
      throws IOException {
    proxy.server.script(call -> call.reply(200, "x".repeat(1 << 20)));
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings(INITIAL_WINDOW_SIZE, 1 << 24)) {
      client.get(1, target).get(3, target);
      long received = 0;
      int reset = 0;
      while (reset < 2) {
        Frame frame = client.read();
        received += frame.type() == RawHttp2.DATA ? frame.payload().length : 0;
        reset += frame.type() == RawHttp2.RST_STREAM ? 1 : 0;
      }
      assertThat(received).isEqualTo(CONNECTION_WINDOW);
      client.head(5, true, ":method: HEAD", ":scheme: https", ":authority: h", ":path: " + target);
      assertThat(status(client, 5)).isEqualTo("200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_client_that_sends_more_than_the_window_allows_is_disconnected(String target)
      throws IOException {
    CountDownLatch go = lateResponses();
    try (RawHttp2 client = connect()) {
      client.post(1, target);
      try {
        // More than the sockets to a server that reads nothing take in.
        for (int i = 0; i < 4_000; i++) {
          client.frame(RawHttp2.DATA, 0, 1, new byte[16_384]);
        }
      } catch (IOException ended) {
        // While we were still sending.
      }
      assertThat(assertEnded(client, Http2Error.FLOW_CONTROL_ERROR))
          .noneMatch(frame -> frame.type() == RawHttp2.HEADERS);
    } finally {
      go.countDown();
    }
  }
}
