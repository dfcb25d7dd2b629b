package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSocket handshakes and the bytes around them. */
@ParameterizedClass
@MethodSource("http1")
class WebSocketHandshakeTest extends LaneProtocolTable {
  private static final String[] HANDSHAKE = {
    "Host: h",
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  };

  private static final TestServer.Script AGREE =
      call -> {
        call.write(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello");
        int b = call.in().read();
        while (b >= 0) {
          call.socket().getOutputStream().write(b);
          b = call.in().read();
        }
        call.close();
      };

  @Test
  void a_websocket_is_tunnelled_with_the_bytes_that_followed_the_handshake() throws Exception {
    start(two());
    master.script(AGREE);
    RawClient client = raw().request("GET", "/ws", HANDSHAKE);
    Response response = client.response();
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.header("upgrade")).isEqualTo("websocket");
    assertThat(response.header("sec-websocket-accept")).isNotNull();
    client.send(" world");
    assertThat(new String(client.in().readNBytes(11), StandardCharsets.UTF_8))
        .isEqualTo("hello world");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("connection")).containsExactly("upgrade");
    assertThat(call.headers("upgrade")).containsExactly("websocket");
    client.abort();
    RequestOutcome outcome = seen.outcome();
    assertThat(outcome.end()).isEqualTo(RequestEnd.TUNNEL_CLOSED);
    assertThat(outcome.status()).isEqualTo(101);
    assertThat(outcome.bytesIn()).isEqualTo(6);
    assertThat(outcome.bytesOut()).isEqualTo(11);
  }

  /** Bytes that a decoder of HTTP takes for empty lines, and for a request. */
  @ParameterizedTest
  @ValueSource(
      strings = {"\u0001\u0002", "\r\n\r\n", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n", "GET /"})
  void bytes_that_came_before_the_101_belong_to_the_tunnel(String early) throws Exception {
    start(two());
    CountDownLatch sent = new CountDownLatch(1);
    master.script(
        call -> {
          sent.await();
          AGREE.respond(call);
        });
    String handshake = "GET /ws HTTP/1.1\r\n" + String.join("\r\n", HANDSHAKE) + "\r\n\r\n";
    RawClient client = raw().send(handshake + early);
    Await.until("the handshake is at the server", () -> master.calls().size() == 1);
    client.send(early);
    client().begin("POST", "/guarded", 0).response();
    sent.countDown();
    assertThat(client.response().status()).isEqualTo(101);
    client.send("end");
    String all = "hello" + early + early + "end";
    assertThat(new String(client.in().readNBytes(all.length()), StandardCharsets.UTF_8))
        .isEqualTo(all);
    assertThat(master.calls()).hasSize(1);
  }

  @Test
  void bytes_behind_a_pipelined_handshake_belong_to_the_tunnel() throws Exception {
    start(two());
    CountDownLatch sent = new CountDownLatch(1);
    master.script(
        call -> {
          sent.await();
          if (call.line().contains("/ws")) {
            AGREE.respond(call);
          } else {
            call.reply(200, call.line());
          }
        });
    String handshake = "GET /ws HTTP/1.1\r\n" + String.join("\r\n", HANDSHAKE) + "\r\n\r\n";
    RawClient client = raw().send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" + handshake);
    client.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    Await.until("the first is at the server", () -> master.calls().size() == 1);
    client.send(" more");
    sent.countDown();
    assertThat(client.response().body()).contains("/1");
    assertThat(client.response().status()).isEqualTo(101);
    String all = "helloGET /x HTTP/1.1\r\nHost: h\r\n\r\n more";
    assertThat(new String(client.in().readNBytes(all.length()), StandardCharsets.UTF_8))
        .isEqualTo(all);
  }

  @Test
  void bytes_after_a_handshake_that_the_server_refuses_are_the_next_request() {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    String handshake = "GET /ws HTTP/1.1\r\n" + String.join("\r\n", HANDSHAKE) + "\r\n\r\n";
    RawClient client = raw();
    for (int i = 0; i < 3; i++) {
      client.send(handshake + "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n" + handshake);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(client.response().body()).contains("/ws");
      assertThat(client.response().body()).contains("/2");
      assertThat(client.response().body()).contains("/ws");
    }
    assertThat(client.get("/3").body()).contains("/3");
  }

  @Test
  void a_handshake_that_the_server_refuses_gets_an_ordinary_response() {
    start(two());
    master.script(call -> call.reply(403, "no"));
    RawClient client = raw().request("GET", "/ws", HANDSHAKE);
    assertThat(client.response().status()).isEqualTo(403);
    assertThat(client.get("/").status()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Key: ",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: eA=="
      })
  void a_handshake_that_has_not_one_key_is_refused(String key) {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    RawClient client =
        raw()
            .request(
                "GET",
                "/ws",
                "Host: h",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                key);
    assertThat(client.response().status()).isEqualTo(400);
    assertThat(master.calls()).isEmpty();
    assertThat(client.get("/next").body()).contains("/next");
  }

  @Test
  void a_handshake_is_held_like_a_get() {
    start(two());
    pools.serve(null);
    backup.script(AGREE);
    RawClient client = raw().request("GET", "/ws", HANDSHAKE);
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.serve("b");
    assertThat(client.response().status()).isEqualTo(101);
    assertThat(backup.calls()).hasSize(1);
  }

  @Test
  void a_handshake_waits_for_the_replicas_while_their_server_is_down_here() {
    start(two());
    pools.silent("a");
    backup.script(AGREE);
    RawClient client = raw().request("GET", "/ws", HANDSHAKE);
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.serve("b");
    assertThat(client.response().status()).isEqualTo(101);
    assertThat(master.calls()).isEmpty();
  }
}
