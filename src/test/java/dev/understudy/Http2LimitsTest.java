package dev.understudy;

import static dev.understudy.BesideRunning.fields;
import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import dev.understudy.traffic.Limit;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        TestProxy.secure(
            folder,
            "understudy.client.idle=2s",
            "understudy.client.max-headers=20",
            "understudy.client.max-request-line=1KB",
            "understudy.client.max-header-size=2KB");
  }

  @AfterEach
  void nobody_is_left() {
    proxy.rest();
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

  // ------------------------------------------------------------ heads and trailers

  /** Whether a stream's client sends more of it than may be, or else just what may be. */
  @FunctionalInterface
  private interface Sent {
    RawHttp2 on(RawHttp2 client, int stream, String target, boolean more) throws IOException;
  }

  private record Row(String name, Limit limit, String status, Sent sent) {}

  private static final List<Row> ROWS =
      List.of(
          new Row(
              "more header fields than may be are 431",
              Limit.HEADER_COUNT,
              "431",
              (client, stream, target, more) ->
                  client.get(stream, target, fields(more ? 25 : 10, 1))),
          new Row(
              "larger header fields than may be are 431",
              Limit.HEADER_SIZE,
              "431",
              (client, stream, target, more) ->
                  client.get(stream, target, fields(10, more ? 190 : 100))),
          new Row(
              "a longer target than a request line may hold is 414",
              Limit.REQUEST_LINE,
              "414",
              (client, stream, target, more) ->
                  client.get(stream, longest(target) + (more ? "a" : ""))),
          new Row(
              "larger trailers than may be reset their stream",
              Limit.HEADER_SIZE,
              "reset",
              (client, stream, target, more) ->
                  client.post(stream, target).head(stream, true, fields(10, more ? 190 : 100))));

  private static String longest(String target) {
    return target + "a".repeat(1024 - ("GET " + target + " HTTP/1.1").length());
  }

  static Stream<Arguments> rows() {
    return ROWS.stream()
        .flatMap(
            row ->
                LANES.stream()
                    .map(lane -> Arguments.argumentSet(row.name + ", " + lane, row, lane)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void what_is_more_than_may_be_ends_its_stream_and_the_connection_stays(Row row, String lane)
      throws IOException {
    int before = proxy.limited(row.limit);
    int refusals = refusals();
    try (RawHttp2 client = connect()) {
      row.sent.on(client, 1, lane + "more-" + row.status, true);
      if (row.status.equals("reset")) {
        assertThat(client.read(RawHttp2.RST_STREAM).stream()).isEqualTo(1);
      } else {
        Frame refused = client.read(RawHttp2.HEADERS, 1);
        assertThat(refused.fields().status()).hasToString(row.status);
        assertThat(refused.is(RawHttp2.END_STREAM)).isEqualTo(row.limit == Limit.HEADER_SIZE);
        Await.until("it is counted", () -> refusals() == refusals + 1);
        assertThat(proxy.server.calls()).noneMatch(call -> call.line().contains("/more-4"));
      }
      assertThat(proxy.limited(row.limit)).isEqualTo(before + 1);
      row.sent.on(client, 3, lane, false);
      assertThat(status(client, 3)).isEqualTo("200");
    }
    assertThat(proxy.limited(row.limit)).isEqualTo(before + 1);
  }

  /** How many requests were refused by the frontend, as a scrape shows them. */
  private static int refusals() {
    return proxy
        .bean(PrometheusMeterRegistry.class)
        .scrape()
        .lines()
        .filter(line -> line.startsWith("understudy_requests_seconds_count{"))
        .filter(line -> line.contains("outcome=\"BAD_REQUEST\"") && line.contains("status=\"4xx\""))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
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
  @ValueSource(booleans = {false, true})
  void far_larger_fields_of_a_head_or_of_trailers_end_the_connection(boolean trailers)
      throws IOException {
    int before = proxy.limited(Limit.HEADER_SIZE);
    try (RawHttp2 client = connect()) {
      if (trailers) {
        client.post(1, "/express/").head(1, true, fields(10, 1500));
      } else {
        client.get(1, "/express/far-larger", fields(10, 1500));
      }
      assertEnded(client, Http2Error.PROTOCOL_ERROR);
    }
    assertThat(proxy.limited(Limit.HEADER_SIZE)).isEqualTo(before + 1);
    assertThat(forwarded("far-larger")).isFalse();
  }

  // ------------------------------------------------------------ bodies

  @EachLane
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

  @EachLane
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

  @EachLane
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

  @EachLane
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

  @EachLane
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
