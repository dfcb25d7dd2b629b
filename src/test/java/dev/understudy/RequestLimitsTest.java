package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.traffic.Limit;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What one request may cost, from the setting to the metric. */
class RequestLimitsTest {
  /** {@code narrow} has one place, for which one may wait. */
  private static final String FILE =
      """
      pools:
        p:
          servers: { a: { url: "http://SERVER", role: master } }
          health: { type: tcp }
          hold: { requests: 10, body: 500B }
        narrow:
          servers: { a: { url: "http://SERVER", role: master, max-requests: 1 } }
          health: { type: tcp }
          hold: { requests: 1 }
        shared:
          servers: { a: { url: "http://SERVER", role: master, max-requests: 1 } }
          health: { type: tcp }
          hold: { time: 60s, requests: 3 }
      routes:
      """
          + TestProxy.routes("shared", "shared", "'Path=/LANE/shared'", "[ ]")
          + TestProxy.routes("narrow", "narrow", "'Path=/LANE/narrow'", "[ ]")
          + TestProxy.routes("all", "p", "'Path=/LANE/**'", "[ ]");

  @AutoClose private static TestProxy proxy;
  private Map<Limit, Integer> before;

  @BeforeAll
  static void start(@TempDir Path folder) {
    proxy =
        new TestProxy(
            folder,
            FILE,
            "understudy.client.header-timeout=1500ms",
            "understudy.client.keep-alive=1700ms",
            "understudy.client.idle=1600ms",
            "understudy.client.max-header-size=2KB",
            "understudy.client.max-request-line=1KB",
            "understudy.client.max-headers=20",
            "understudy.client.max-requests-per-connection=3",
            "understudy.client.max-body=1000B",
            "understudy.server.max-header-size=1KB");
  }

  @BeforeEach
  void count() {
    before = proxy.limited();
  }

  @AfterEach
  void next_one_finds_nothing_left() {
    proxy.rest();
  }

  /** Of that limit once, and of no other. */
  private void assertTold(Limit limit) {
    Await.until("it is counted", () -> proxy.limited(limit) > before.get(limit));
    before.merge(limit, 1, Integer::sum);
    assertNothingTold();
  }

  private void assertNothingTold() {
    assertThat(proxy.limited()).isEqualTo(before);
  }

  private static int gauge(String name, String pool) {
    return proxy.gauge("understudy." + name, "pool", pool);
  }

  /** The server has read a request, body and all, and responds once the latch is open. */
  private static CountDownLatch lateResponses(String text) {
    CountDownLatch go = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          call.body();
          go.await();
          call.reply(200, text);
        });
    return go;
  }

  // ------------------------------------------------------------ what a client sends

  /**
   * Bytes of a client.
   *
   * @param sent {@code LANE} stands for a lane's path
   * @param status {@code reset}: that, too, or a broken connection, as the rest is not read
   * @param limit that is reached; null: none is
   */
  private record Row(String name, String status, @Nullable Limit limit, String sent) {}

  private static String get(String more) {
    return "GET LANE HTTP/1.1\r\nHost: h\r\n" + more;
  }

  private static String post(String more) {
    return "POST LANE HTTP/1.1\r\nHost: h\r\n" + more;
  }

  private static String body(int length) {
    return post("Content-Length: " + length + "\r\n\r\n" + "x".repeat(length));
  }

  private static final List<Row> ROWS =
      List.of(
          new Row("a head that does not end in time is 408", "408", Limit.HEADER_TIME, get("")),
          new Row(
              "a client that stops in the middle of its body is ended",
              "408 reset",
              Limit.CLIENT_IDLE,
              post("Content-Length: 10\r\n\r\nhalf")),
          new Row(
              "one more header field than may be is 431",
              "431",
              Limit.HEADER_COUNT,
              get("X: x\r\n".repeat(20) + "\r\n")),
          new Row(
              "more header fields than may be are 431 before their head ends",
              "431",
              Limit.HEADER_COUNT,
              get("a:b\r\n".repeat(21))),
          new Row(
              "as many header fields as may be pass",
              "200",
              null,
              get("X: x\r\n".repeat(19) + "\r\n")),
          new Row(
              "larger header fields than may be are 431",
              "431",
              Limit.HEADER_SIZE,
              get("X: " + "x".repeat(2100) + "\r\n\r\n")),
          new Row(
              "a header field without end is 431 and no more of it is kept",
              "431 reset",
              Limit.HEADER_SIZE,
              get("X: " + "x".repeat(100_000))),
          new Row(
              "a longer request line than may be is 414",
              "414",
              Limit.REQUEST_LINE,
              get("\r\n").replace("LANE", "LANE" + "x".repeat(1100))),
          new Row(
              "a body beyond the limit is 413 and reaches no server",
              "413",
              Limit.BODY_SIZE,
              body(1001)),
          new Row(
              "a body that grows longer than may be is ended there",
              "413 reset",
              Limit.BODY_SIZE,
              post("Transfer-Encoding: chunked\r\n\r\n")
                  + ("64\r\n" + "x".repeat(100) + "\r\n").repeat(11)),
          new Row("a body as long as may be passes", "200", null, body(1000)));

  static Stream<Arguments> rows() {
    return ROWS.stream()
        .flatMap(
            row ->
                TestProxy.LANES.stream()
                    .map(lane -> Arguments.argumentSet(row.name + ", " + lane, row, lane)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void what_is_too_much_is_refused_and_ends_the_connection(Row row, String lane) {
    int calls = proxy.server.calls().size();
    RawClient client = proxy.client().send(row.sent.replace("LANE", lane));
    Response response = client.response();
    if (!row.status.endsWith("reset")) {
      assertThat(response.status() + "").isEqualTo(row.status);
    } else if (!response.reset()) {
      assertThat(row.status).startsWith(response.status() + " ");
    }
    if (row.limit == null) {
      assertNothingTold();
      return;
    }
    assertThat(client.isEnded()).isTrue();
    assertTold(row.limit);
    if (!row.status.endsWith("reset")) {
      assertThat(proxy.server.calls()).hasSize(calls);
    }
  }

  @Test
  void a_head_that_comes_byte_by_byte_gets_no_more_time() {
    RawClient client = proxy.client().send("GET /express/ HTTP/1.1\r\nX: ");
    Await.until(
        "it is ended for its slowness",
        () -> {
          try {
            client.send("x");
          } catch (UncheckedIOException e) {
            // What was to be seen: the connection is no more.
          }
          return proxy.limited(Limit.HEADER_TIME) > before.get(Limit.HEADER_TIME);
        });
    assertTold(Limit.HEADER_TIME);
  }

  @Test
  void a_connection_on_which_nothing_comes_is_closed() {
    assertThat(proxy.client().isEnded()).isTrue();
    assertTold(Limit.HEADER_TIME);
  }

  @EachLane
  void one_without_another_request_is_closed_and_that_is_no_offence(String target) {
    RawClient client = proxy.client();
    assertThat(client.get(target).status()).isEqualTo(200);
    assertThat(client.isEnded()).isTrue();
    assertNothingTold();
  }

  @EachLane
  void the_last_request_that_a_connection_may_bring_gets_its_response_and_ends_it(String target) {
    RawClient client = proxy.client();
    assertThat(client.get(target).header("connection")).isNull();
    assertThat(client.get(target).header("connection")).isNull();
    Response last = client.get(target);
    assertThat(last.status()).isEqualTo(200);
    assertThat(last.header("connection")).isEqualToIgnoringCase("close");
    assertThat(client.isEnded()).isTrue();
    assertTold(Limit.REQUESTS_PER_CONNECTION);
  }

  // ------------------------------------------------------------ responses

  @EachLane
  void a_client_that_sends_nothing_while_the_response_comes_is_not_idle(String target) {
    proxy.server.script(SlowResponse::send);
    RawClient client =
        proxy
            .client()
            .send("POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
    assertThat(client.response().body()).isEqualTo(SlowResponse.BODY);
    assertNothingTold();
  }

  @EachLane
  void a_client_that_does_not_read_its_response_is_disconnected(String target) {
    proxy.server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
          String piece = "x".repeat(1 << 16);
          while (true) {
            call.write(piece);
          }
        });
    RawClient client = proxy.client().request("GET", target);
    assertTold(Limit.CLIENT_IDLE);
    assertThat(client.response().reset()).isTrue();
  }

  @EachLane
  void a_response_with_header_fields_beyond_the_limit_is_502(String target) {
    proxy.server.script(
        call -> call.write("HTTP/1.1 200 OK\r\nX: " + "x".repeat(1100) + "\r\n\r\n"));
    assertThat(proxy.client().get(target).status()).isEqualTo(502);
    assertTold(Limit.RESPONSE_HEADER_SIZE);
  }

  // ------------------------------------------------------------ what is kept

  @EachLane
  void requests_to_a_full_server_wait_and_those_beyond_the_queue_get_503(String lane) {
    String target = lane + "narrow";
    CountDownLatch go = lateResponses("late");
    RawClient first = proxy.client().request("GET", target);
    Await.until("it has the place", () -> gauge("server.requests", "narrow") == 1);
    RawClient second = proxy.client().request("GET", target);
    Await.until(
        "it waits",
        () -> gauge("server.queue", "narrow") == 1 && gauge("held.requests", "narrow") == 1);
    assertThat(proxy.client().get(target).status()).isEqualTo(503);
    assertThat(gauge("server.requests", "narrow")).isEqualTo(1);
    go.countDown();
    assertThat(first.response().body()).isEqualTo("late");
    assertThat(second.response().body()).isEqualTo("late");
    assertThat(gauge("held.requests", "narrow")).isZero();
    assertTold(Limit.HELD_REQUESTS);
  }

  @EachLane
  void a_client_that_fills_the_queue_makes_room_for_another_one_and_waits_for_its_turns(
      String lane) {
    String target = lane + "shared";
    CountDownLatch go = lateResponses("late");
    List<RawClient> greedy = new ArrayList<>();
    greedy.add(proxy.client().request("GET", target));
    Await.until("it has the place", () -> gauge("server.requests", "shared") == 1);
    for (int i = 1; i <= 3; i++) {
      int held = i;
      greedy.add(proxy.client().request("GET", target));
      Await.until("it waits", () -> gauge("held.requests", "shared") == held);
    }
    RawClient other = new RawClient(proxy.port(), "127.0.0.2").request("GET", target);
    assertThat(greedy.get(3).response().status()).isEqualTo(503);
    Await.until("the other one waits", () -> gauge("held.requests", "shared") == 3);
    go.countDown();
    assertThat(other.response().body()).isEqualTo("late");
    for (RawClient each : greedy.subList(0, 3)) {
      assertThat(each.response().body()).isEqualTo("late");
    }
    Await.until("none is held", () -> gauge("held.requests", "shared") == 0);
    assertTold(Limit.HELD_REQUESTS);
  }

  @EachLane
  void kept_body_bytes_are_shown_until_their_request_has_its_response(String target) {
    CountDownLatch go = lateResponses("late");
    RawClient client = proxy.client().request("PUT", target, new byte[500]);
    Await.until("it is kept", () -> gauge("held.bytes", "p") == 500);
    go.countDown();
    assertThat(client.response().body()).isEqualTo("late");
    assertThat(gauge("held.bytes", "p")).isZero();
    assertNothingTold();
  }

  @EachLane
  void a_longer_body_than_may_be_kept_passes_and_is_not_kept(String target) {
    CountDownLatch go = lateResponses("once");
    int calls = proxy.server.calls().size();
    RawClient client = proxy.client().request("PUT", target, new byte[501]);
    Await.until("the server has it", () -> proxy.server.calls().size() > calls);
    assertThat(gauge("held.bytes", "p")).isZero();
    go.countDown();
    assertThat(client.response().body()).isEqualTo("once");
    assertTold(Limit.HELD_BYTES);
  }
}
