package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.traffic.Limit;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one request may cost, from the setting to the metric. */
class RequestLimitsTest {
  private static LimitedProxy proxy;
  private final Map<Limit, Integer> before = new EnumMap<>(Limit.class);

  @BeforeAll
  static void start(@TempDir Path folder) {
    proxy =
        new LimitedProxy(
            folder,
            "client.header-timeout=1500ms",
            "client.keep-alive=1700ms",
            "client.idle=1600ms",
            "client.max-header-size=2KB",
            "client.max-request-line=1KB",
            "client.max-headers=20",
            "client.max-requests-per-connection=3",
            "client.max-body=1000B",
            "server.max-header-size=1KB");
  }

  @AfterAll
  static void stop() {
    proxy.close();
  }

  @BeforeEach
  void count() {
    for (Limit limit : Limit.values()) {
      before.put(limit, proxy.limited(limit));
    }
  }

  @AfterEach
  void next_one_finds_nothing_left() {
    proxy.closeClients();
    proxy.server.script(call -> call.reply(200, "server"));
  }

  /** Of that limit once, and of no other. */
  private void assertTold(Limit limit) {
    Await.until("it is counted", () -> proxy.limited(limit) > before.get(limit));
    for (Limit each : Limit.values()) {
      assertThat(proxy.limited(each))
          .as(each.name())
          .isEqualTo(before.get(each) + (each == limit ? 1 : 0));
    }
  }

  private void assertNothingTold() {
    before.forEach((limit, count) -> assertThat(proxy.limited(limit)).isEqualTo(count));
  }

  private static String fields(int count) {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < count; i++) {
      fields.append("X-").append(i).append(": x\r\n");
    }
    return fields.toString();
  }

  // ------------------------------------------------------------ places

  @ParameterizedTest
  @ValueSource(strings = {"/express/narrow", "/gateway/narrow"})
  void requests_to_a_full_server_wait_and_those_beyond_the_queue_get_503(String target) {
    CountDownLatch go = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          go.await();
          call.reply(200, "late");
        });
    RawClient first = proxy.client().request("GET", target);
    Await.until("it has the place", () -> proxy.requestsAtServer() == 1);
    RawClient second = proxy.client().request("GET", target);
    Await.until("it waits", () -> proxy.queueAtServer() == 1 && proxy.heldRequests() == 1);
    assertThat(proxy.client().get(target).status()).isEqualTo(503);
    assertThat(proxy.requestsAtServer()).isEqualTo(1);
    go.countDown();
    assertThat(first.response().body()).isEqualTo("late");
    assertThat(second.response().body()).isEqualTo("late");
    assertThat(proxy.heldRequests()).isZero();
    assertTold(Limit.HELD_REQUESTS);
  }

  // ------------------------------------------------------------ time

  @Test
  void a_head_that_does_not_end_in_time_is_408() {
    RawClient client = proxy.client().send("GET /express/ HTTP/1.1\r\nHost: h\r\n");
    assertThat(client.response().status()).isEqualTo(408);
    assertThat(client.isEnded()).isTrue();
    assertTold(Limit.HEADER_TIME);
  }

  @Test
  void a_head_that_comes_byte_by_byte_gets_no_more_time() {
    RawClient client = proxy.client().send("GET /express/ HTTP/1.1\r\nX: ");
    Await.until(
        "it is ended for its slowness",
        () -> {
          try {
            client.send("x");
          } catch (java.io.UncheckedIOException e) {
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

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void one_without_another_request_is_closed_and_that_is_no_offence(String target) {
    RawClient client = proxy.client();
    assertThat(client.get(target).status()).isEqualTo(200);
    assertThat(client.isEnded()).isTrue();
    assertNothingTold();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_client_that_stops_in_the_middle_of_its_body_is_ended(String target) {
    RawClient client =
        proxy
            .client()
            .send("POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
    Response response = client.response();
    assertThat(response.reset() || response.status() == 408).as(response.toString()).isTrue();
    assertThat(client.isEnded()).isTrue();
    assertTold(Limit.CLIENT_IDLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_client_that_sends_nothing_while_the_response_comes_is_not_idle(String target) {
    proxy.server.script(SlowResponse::send);
    RawClient client =
        proxy
            .client()
            .send("POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
    assertThat(client.response().body()).isEqualTo(SlowResponse.BODY);
    assertNothingTold();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
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

  // ------------------------------------------------------------ size

  @Test
  void one_more_header_field_than_may_be_is_431() {
    RawClient client = proxy.client();
    client.send("GET /express/ HTTP/1.1\r\nHost: h\r\n" + fields(20) + "\r\n");
    assertThat(client.response().status()).isEqualTo(431);
    assertThat(client.isEnded()).isTrue();
    assertTold(Limit.HEADER_COUNT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void as_many_header_fields_as_may_be_pass(String target) {
    RawClient client = proxy.client();
    client.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields(19) + "\r\n");
    assertThat(client.response().status()).isEqualTo(200);
    assertNothingTold();
  }

  @Test
  void larger_header_fields_than_may_be_are_431() {
    RawClient client = proxy.client().request("GET", "/express/", "X: " + "x".repeat(2100));
    assertThat(client.response().status()).isEqualTo(431);
    assertThat(client.isEnded()).isTrue();
    assertTold(Limit.HEADER_SIZE);
  }

  @Test
  void a_header_field_without_end_is_431_and_no_more_of_it_is_kept() {
    RawClient client = proxy.client().send("GET /express/ HTTP/1.1\r\nX: " + "x".repeat(100_000));
    Response response = client.response();
    assertThat(response.reset() || response.status() == 431).as(response.toString()).isTrue();
    assertTold(Limit.HEADER_SIZE);
  }

  @Test
  void a_longer_request_line_than_may_be_is_414() {
    RawClient client = proxy.client().request("GET", "/express/" + "x".repeat(1100));
    assertThat(client.response().status()).isEqualTo(414);
    assertThat(client.isEnded()).isTrue();
    assertTold(Limit.REQUEST_LINE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_body_beyond_the_limit_is_413_and_reaches_no_server(String target) {
    int calls = proxy.server.calls().size();
    RawClient client = proxy.client().request("POST", target, new byte[1001]);
    assertThat(client.response().status()).isEqualTo(413);
    assertThat(client.isEnded()).isTrue();
    assertThat(proxy.server.calls()).hasSize(calls);
    assertTold(Limit.BODY_SIZE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_body_that_grows_longer_than_may_be_is_ended_there(String target) {
    RawClient client =
        proxy
            .client()
            .send("POST " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 11; i++) {
      client.send("64\r\n" + "x".repeat(100) + "\r\n");
    }
    Response response = client.response();
    assertThat(response.reset() || response.status() == 413).as(response.toString()).isTrue();
    assertThat(client.isEnded()).isTrue();
    assertTold(Limit.BODY_SIZE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_body_as_long_as_may_be_passes(String target) {
    RawClient client = proxy.client().request("POST", target, new byte[1000]);
    assertThat(client.response().status()).isEqualTo(200);
    assertNothingTold();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void kept_body_bytes_are_shown_until_their_request_has_its_response(String target) {
    CountDownLatch go = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          call.body();
          go.await();
          call.reply(200, "late");
        });
    RawClient client = proxy.client().request("PUT", target, new byte[500]);
    Await.until("it is kept", () -> proxy.heldBytes() == 500);
    go.countDown();
    assertThat(client.response().body()).isEqualTo("late");
    assertThat(proxy.heldBytes()).isZero();
    assertNothingTold();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_longer_body_than_may_be_kept_passes_and_is_not_kept(String target) {
    CountDownLatch go = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          call.body();
          go.await();
          call.reply(200, "once");
        });
    int calls = proxy.server.calls().size();
    RawClient client = proxy.client().request("PUT", target, new byte[501]);
    Await.until("the server has it", () -> proxy.server.calls().size() > calls);
    assertThat(proxy.heldBytes()).isZero();
    go.countDown();
    assertThat(client.response().body()).isEqualTo("once");
    assertTold(Limit.HELD_BYTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
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

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
  void a_response_with_header_fields_beyond_the_limit_is_502(String target) {
    proxy.server.script(
        call -> call.write("HTTP/1.1 200 OK\r\nX: " + "x".repeat(1100) + "\r\n\r\n"));
    assertThat(proxy.client().get(target).status()).isEqualTo(502);
    assertTold(Limit.RESPONSE_HEADER_SIZE);
  }
}
