package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.traffic.RequestEnd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that end their output alone (a half-close) or their connection. */
@ParameterizedClass
@MethodSource("http1")
class HalfCloseTest extends LaneProtocolTable {
  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1\r\nHost: h", "HTTP/1.0"})
  void a_client_that_ends_its_output_after_a_request_gets_its_response(String rest) {
    start(two());
    master.script(later(call -> call.reply(200, "late")));
    RawClient client = raw().send("GET / " + rest + "\r\n\r\n").endOutput();
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client().begin("POST", "/guarded", 0).response();
    go.countDown();
    Response response = client.response();
    assertThat(response.body()).isEqualTo("late");
    assertThat(response.header("connection")).isEqualToIgnoringCase("close");
    assertThat(client.isEnded()).isTrue();
    assertThat(seen.outcome().end()).isIn(RequestEnd.COMPLETED, RequestEnd.LOCAL);
  }

  @Test
  void a_body_may_come_before_the_end_of_output() {
    start(two());
    master.script(call -> call.reply(200, "got " + call.body().length));
    RawClient client = raw().request("POST", "/", bytes(500_000)).endOutput();
    assertThat(client.response().body()).isEqualTo("got 500000");
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void a_large_response_after_the_end_of_output_arrives_whole() {
    start(two());
    int length = 16 << 20;
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
          for (int sent = 0; sent < length; sent += 1 << 16) {
            call.socket().getOutputStream().write(new byte[1 << 16]);
          }
        });
    RawClient client = raw().request("GET", "/").endOutput();
    client().begin("POST", "/guarded", 0).response();
    client.skip(length);
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void a_held_request_of_a_client_that_ended_its_output_is_sent_when_a_server_serves() {
    start(two());
    pools.serve(null);
    RawClient client = raw().request("GET", "/").endOutput();
    Await.until("it is held", () -> seen.held.get() == 1);
    client().begin("POST", "/guarded", 0).response();
    pools.serve("b");
    assertThat(client.response().body()).isEqualTo("backup");
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void an_idle_connection_ends_with_the_output_of_its_client() {
    start(two());
    RawClient client = raw();
    assertThat(client.get("/").status()).isEqualTo(200);
    assertThat(client.endOutput().isEnded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 10", "Transfer-Encoding: chunked"})
  void a_request_whose_body_is_cut_by_the_end_of_output_is_cancelled(String length) {
    start(two());
    master.script(call -> go.await());
    RawClient client = raw().send("POST / HTTP/1.1\r\nHost: h\r\n" + length + "\r\n\r\n2\r\nab");
    Await.until("it is at the server", () -> master.calls().size() == 1);
    assertThat(client.endOutput().isEnded()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.CLIENT_GONE);
    go.countDown();
  }

  @Test
  void a_reset_after_the_end_of_output_cancels_the_request_without_a_write() {
    start(two());
    master.script(call -> go.await());
    RawClient client = raw().request("GET", "/").endOutput();
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client().begin("POST", "/guarded", 0).response();
    client.abort();
    Await.until(
        "it is cancelled",
        () -> seen.outcomes.stream().anyMatch(each -> each.end() == RequestEnd.CLIENT_GONE));
    go.countDown();
  }

  @Test
  void a_stream_to_a_client_that_closed_its_socket_is_cancelled_by_a_write() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n\r\nbegin");
          go.await();
          while (true) {
            call.write("more");
            Thread.onSpinWait();
          }
        });
    RawClient client = raw().request("GET", "/");
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client.close();
    go.countDown();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.CLIENT_GONE);
    Await.until("the server is left", () -> master.openConnections() == 0);
  }

  @Test
  void a_refused_handshake_before_the_end_of_output_gets_its_response_as_the_request_behind_it() {
    start(two());
    master.script(
        call -> {
          go.await();
          call.reply(call.line().contains("/ws") ? 404 : 200, call.line());
        });
    RawClient client = raw().request("GET", "/ws", HANDSHAKE).request("GET", "/behind").endOutput();
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client().begin("POST", "/guarded", 0).response();
    go.countDown();
    assertThat(client.response().status()).isEqualTo(404);
    assertThat(client.response().body()).contains("/behind");
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void a_handshake_of_a_client_that_ended_its_output_is_not_relayed() {
    start(two());
    master.script(
        call -> {
          go.await();
          call.write("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
          while (call.in().read() >= 0) {
            // Until the proxy ends it.
          }
        });
    RawClient client = raw().request("GET", "/ws", HANDSHAKE);
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client.endOutput();
    client().begin("POST", "/guarded", 0).response();
    go.countDown();
    Await.until("the server is left", () -> master.openConnections() == 0);
  }
}
