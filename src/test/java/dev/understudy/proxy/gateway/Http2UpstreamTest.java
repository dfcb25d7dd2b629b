package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.testing.Await;
import dev.understudy.testing.Http2Server;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RetryReason;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A server that is spoken to in HTTP/2 by prior knowledge, in each lane over each protocol. */
@ParameterizedClass
@MethodSource("lanes")
class Http2UpstreamTest extends LaneProtocolTable {
  private Http2Server server;

  private void serve(Http2Server.Script script) {
    serve(script, Http2Settings.defaultSettings());
  }

  private void serve(Http2Server.Script script, Http2Settings settings) {
    server = new Http2Server(script, null, settings);
    closeLater(server);
    start(TestPools.pool().master("a", server.port()).http2());
  }

  /** Does that with the first request, and echoes the others. */
  private Http2Server.Script first(Http2Server.Script script) {
    return call -> {
      if (server.calls().size() == 1) {
        script.respond(call);
      } else {
        call.reply(200, call.text());
      }
    };
  }

  @Test
  void a_request_and_its_response_pass_with_their_fields_and_bodies() {
    serve(
        call -> {
          call.text();
          call.head(201, false, "x-one: 1", "content-type: text/plain");
          call.data(call.header(":method") + call.header(":path") + call.soFar(), true);
        });
    Response response = client().request("POST", "/a?b=c", bytes(5), "X-Two: 2").response();
    assertThat(response.status()).isEqualTo(201);
    assertThat(response.header("x-one")).isEqualTo("1");
    assertThat(response.body()).isEqualTo("POST/a?b=cabcde");
    Http2Server.Call call = server.calls().get(0);
    assertThat(call.header("x-two")).isEqualTo("2");
    assertThat(call.header(":scheme")).isEqualTo("http");
    assertThat(call.header(":authority")).isNotEmpty();
    assertThat(call.header("host")).isNull();
    assertThat(call.header("content-length")).isEqualTo("5");
    assertThat(call.header("x-forwarded-for")).isEqualTo("127.0.0.1");
    assertThat(call.header("connection")).isNull();
    assertThat(call.header("transfer-encoding")).isNull();
  }

  @Test
  void responses_without_a_body_pass() {
    serve(call -> call.head(204, true));
    TestClient client = client();
    assertThat(client.get("/").status()).isEqualTo(204);
    server.script(call -> call.head(200, true, "content-length: 7"));
    Response head = client.request("HEAD", "/").response("HEAD");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("content-length")).isEqualTo("7");
    server.script(call -> call.head(200, true));
    assertThat(client.get("/").body()).isEmpty();
  }

  @Test
  void trailers_pass_in_both_directions() throws Exception {
    serve(
        call -> {
          call.head(200, false);
          call.data(call.trailers().get("x-sum") + "!", false);
          call.trailers("grpc-status: 0");
        });
    TestClient client = client();
    client.begin("POST", "/", -1, "te: trailers").body("hi").end("x-sum: 7");
    Response response = client.response();
    assertThat(response.body()).isEqualTo("7![grpc-status: 0]");
    assertThat(server.calls().get(0).header("te")).isEqualTo("trailers");
  }

  @Test
  void many_requests_at_once_share_one_connection() throws Exception {
    CountDownLatch all = new CountDownLatch(20);
    serve(
        call -> {
          all.countDown();
          all.await(20, TimeUnit.SECONDS);
          call.reply(200, call.header(":path"));
        });
    List<TestClient> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      TestClient client = client();
      clients.add(client.request("GET", "/" + i));
    }
    for (int i = 0; i < 20; i++) {
      assertThat(clients.get(i).response().body()).isEqualTo("/" + i);
    }
    assertThat(server.connections()).as("at most one of each event loop").isLessThan(10);
  }

  @Test
  void the_servers_limit_of_streams_is_respected() throws Exception {
    CountDownLatch all = new CountDownLatch(10);
    serve(
        call -> {
          all.countDown();
          all.await(20, TimeUnit.SECONDS);
          call.reply(200, "ok");
        },
        Http2Settings.defaultSettings().maxConcurrentStreams(3));
    List<TestClient> clients =
        IntStream.range(0, 10).mapToObj(i -> client().request("GET", "/")).toList();
    clients.forEach(client -> assertThat(client.response().body()).isEqualTo("ok"));
    assertThat(seen.retries).isEmpty();
    assertThat(server.connections()).isGreaterThanOrEqualTo(4);
  }

  @Test
  void a_server_that_allows_no_stream_is_one_that_takes_no_connection() {
    serve(call -> call.reply(200, "ok"), Http2Settings.defaultSettings().maxConcurrentStreams(0));
    TestClient client = client().request("GET", "/");
    Await.until("it is held", () -> seen.held.get() == 1);
    assertThat(seen.troubles).contains(Trouble.CONNECT_FAILED);
    assertThat(seen.details).anyMatch(detail -> detail.contains("allows no stream"));
    assertThat(server.connections()).isLessThan(20);
    client.abort();
  }

  /** A client whose next request needs a connection to a server that is known, but silent. */
  private TestClient beforeSilence() {
    serve(call -> call.reply(200, "ok"));
    TestClient client = client();
    client.get("/");
    server.leave();
    Await.until("it is closed", () -> server.openConnections() == 0);
    server.beSilent();
    return client;
  }

  @Test
  void a_server_that_has_spoken_http_2_need_not_do_so_before_a_request() {
    assertThat(beforeSilence().get("/").body()).isEqualTo("ok");
    assertThat(seen.retries).doesNotContain(RetryReason.BROKEN);
  }

  @Test
  void a_request_that_may_not_be_replayed_awaits_a_sign_of_life() {
    TestClient client = beforeSilence().request("POST", "/", bytes(3));
    Await.until("it waits", () -> server.openConnections() == 1);
    int before = server.calls().size();
    server.speak();
    assertThat(client.response().body()).isEqualTo("ok");
    assertThat(server.calls()).hasSize(before + 1);
  }

  @Test
  void informational_responses_pass() {
    serve(
        call -> {
          call.head(103, false, "link: </a>");
          call.reply(200, "done");
        });
    TestClient client = client().request("GET", "/");
    Response first = client.response();
    assertThat(first.status()).isEqualTo(103);
    assertThat(first.header("link")).isEqualTo("</a>");
    assertThat(client.response().body()).isEqualTo("done");
  }

  @Test
  void a_post_that_the_server_refuses_is_replayed() {
    serve(first(call -> call.reset(Http2Error.REFUSED_STREAM)));
    assertThat(client().request("POST", "/", bytes(3)).response().body()).isEqualTo("abc");
    assertThat(seen.retries).containsExactly(RetryReason.REFUSED);
  }

  @Test
  void a_post_that_a_goaway_excludes_is_replayed_on_another_connection() {
    serve(
        first(
            call -> {
              call.text();
              call.refuseByGoAway();
            }));
    assertThat(client().request("POST", "/", bytes(3)).response().body()).isEqualTo("abc");
    assertThat(seen.retries).containsExactly(RetryReason.REFUSED);
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void a_get_whose_connection_breaks_is_replayed() {
    serve(first(Http2Server.Call::cut));
    assertThat(client().get("/").status()).isEqualTo(200);
    assertThat(server.calls()).hasSize(2);
  }

  @Test
  void a_response_that_is_reset_is_broken_off() {
    serve(
        call -> {
          call.head(200, false, "content-length: 100");
          call.data("part", false);
          call.reset(Http2Error.INTERNAL_ERROR);
        });
    TestClient client = client().request("GET", "/");
    assertThat(client.response().reset()).isTrue();
  }

  @Test
  void a_client_that_goes_away_resets_its_stream_alone() throws Exception {
    serve(
        call -> {
          if (call.header(":path").equals("/left")) {
            call.head(200, false);
            call.data("part", false);
          } else {
            call.reply(200, "ok");
          }
        });
    TestClient leaving = client().request("GET", "/left");
    leaving.awaitBody(4);
    leaving.abort();
    assertThat(server.calls().get(0).resetCode()).isEqualTo(Http2Error.CANCEL.code());
    assertThat(client().get("/").body()).isEqualTo("ok");
    assertThat(server.openConnections()).isGreaterThan(0);
  }

  @Test
  void a_response_before_the_end_of_its_request_ends_the_stream() throws Exception {
    serve(call -> call.head(200, true));
    TestClient client = client();
    client.begin("POST", "/", -1).body("part");
    assertThat(client.response().status()).isEqualTo(200);
    assertThat(server.calls().get(0).resetCode()).isEqualTo(Http2Error.CANCEL.code());
    client.abort();
  }

  @Test
  void a_response_of_a_server_that_takes_no_more_of_the_request_ends_the_stream() throws Exception {
    serve(call -> call.head(200, true), Http2Settings.defaultSettings().initialWindowSize(0));
    assertThat(client().request("POST", "/", bytes(3)).response().status()).isEqualTo(200);
    assertThat(server.calls().get(0).resetCode()).isEqualTo(Http2Error.CANCEL.code());
  }

  @Test
  void large_bodies_pass_in_both_directions_at_once() {
    byte[] large = bytes(3_000_000);
    serve(
        call -> {
          call.head(200, false);
          call.data(call.text(), true);
        });
    Response response = client().request("POST", "/", large).response();
    assertThat(response.body()).hasSize(large.length);
  }

  @Test
  void a_stream_has_a_wide_window_while_its_client_keeps_up() {
    List<Integer> windows = new CopyOnWriteArrayList<>();
    serve(
        call -> {
          windows.add(call.window());
          call.head(200, false);
          for (int i = 0; i < 64; i++) {
            call.data(bytes(16_384), false);
            Await.until("the client reads on", () -> call.isWritable());
            windows.add(call.window());
          }
          call.data("", true);
        });
    assertThat(client().get("/").body()).hasSize(64 * 16_384);
    assertThat(windows).anyMatch(left -> left > 64 * 1024);
  }

  @Test
  void a_client_that_does_not_read_holds_its_own_stream_back_and_no_other() {
    serve(
        call -> {
          if (call.header(":path").equals("/large")) {
            call.head(200, false);
            while (call.isWritable()) {
              call.data(bytes(16_384), false);
              Thread.onSpinWait();
            }
          } else {
            call.reply(200, "ok");
          }
        });
    TestClient slow = client().request("GET", "/large");
    slow.awaitBody(1);
    assertThat(client().get("/").body()).isEqualTo("ok");
    slow.abort();
  }

  @Test
  void a_connection_that_the_server_has_left_is_replaced_without_notice() {
    serve(call -> call.reply(200, "ok"));
    TestClient client = client();
    client.get("/");
    server.leave();
    Await.until("it is closed", () -> server.openConnections() == 0);
    assertThat(client.request("POST", "/", bytes(3)).response().status()).isEqualTo(200);
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void a_call_under_way_ends_well_at_a_server_that_refuses_new_connections() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    serve(
        call -> {
          call.text();
          call.head(200, false, "content-type: application/grpc");
          go.await(20, TimeUnit.SECONDS);
          call.data("done", false);
          call.trailers("grpc-status: 0");
        });
    TestClient unary = client();
    unary.request("POST", "/", bytes(5), "te: trailers", "content-type: application/grpc");
    Await.until("it is there", () -> server.calls().size() == 1);
    pools.probed("a", ProbeOutcome.CONNECT_FAILED);
    pools.serve(null);
    pools.down("a");
    go.countDown();
    Response response = unary.response("POST");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).startsWith("done");
  }

  @Test
  void connections_to_a_server_judged_down_are_closed() {
    serve(call -> call.reply(200, "ok"));
    client().get("/");
    Await.until("one is kept", () -> server.openConnections() == 1);
    pools.down("a");
    Await.until("it is closed", () -> server.openConnections() == 0);
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        failure("a stream that is reset", 1, call -> call.reset(Http2Error.INTERNAL_ERROR)),
        failure(
            "streams refused again and again", 4, call -> call.reset(Http2Error.REFUSED_STREAM)),
        failure("a head too large", 1, call -> call.head(200, true, "x: " + "x".repeat(70 * 1024))),
        failure("a line's end in a value", 1, call -> call.head(200, true, "x-bad: a\r\nb: c")),
        failure("content before the head", 1, Http2UpstreamTest::contentBeforeHead),
        failure("101", 1, call -> call.head(101, false)),
        failure("a status with a reason phrase", 1, call -> call.status("200 OK")),
        failure("a status with a sign", 1, call -> call.status("+20")),
        failure("a status of four digits", 1, call -> call.status("0200")),
        failure("a status of two digits", 1, call -> call.status("20")),
        failure("an empty status", 1, call -> call.status("")));
  }

  private static void contentBeforeHead(Http2Server.Call call) throws Exception {
    call.data("x", false);
    call.reply(200, "ok");
  }

  private static Arguments failure(String name, int calls, Http2Server.Script script) {
    return Arguments.argumentSet(name, calls, script);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void what_leads_to_502_for_a_post(int calls, Http2Server.Script script) {
    serve(script);
    assertThat(client().request("POST", "/", bytes(3)).response().status()).isEqualTo(502);
    assertThat(server.calls()).hasSize(calls);
  }
}
