package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code RequireWebSocketUpgrade}: past the guard come only handshakes that are relayed as such, so
 * that no other request reaches a server behind it.
 */
class WebSocketGuardTest extends LaneProtocolTable {
  private static final String GUARD = "RequireWebSocketUpgrade=/websocket";
  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|";
  private static final String VERSION = "Sec-WebSocket-Version: 13|";
  private static final String UPGRADE =
      "Host: h|Connection: Upgrade|Upgrade: websocket|" + KEY + VERSION;

  private void send(String request) {
    RawClient client = raw();
    String method = request.substring(0, request.indexOf(' '));
    int status = client.send(request.replace("|", "\r\n")).response(method).status();
    assertThat(status).as(request).isEqualTo(403);
  }

  @ParameterizedTest
  @MethodSource("lanes")
  void its_path_is_guarded_in_any_form_and_no_other(LaneProtocol lane) {
    start(lane, GUARD);
    for (String target :
        words(
            """
            /websocket /%77ebsocket /x/../websocket /websocket?a=b //websocket /websocket;a=b
            /;a/websocket /x/..;a/websocket /x//../websocket //x/;a/..;b/../websocket;c?d
            """)) {
      assertThat(client().get(target).status()).as(target).isEqualTo(403);
    }
    assertThat(master.calls()).isEmpty();
    for (String target :
        words("/websocket/ /websocket;a/ /websocket;a/b /websocketx /a/websocket /WEBSOCKET")) {
      assertThat(client().get(target).status()).as(target).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @MethodSource("http1")
  void a_request_that_is_no_handshake_is_refused(LaneProtocol lane) {
    start(lane, GUARD);
    send("POST /websocket HTTP/1.1|" + UPGRADE + "|");
    send("POST /websocket HTTP/1.1|" + UPGRADE + "Content-Length: 3||abc");
    send("HEAD /websocket HTTP/1.1|" + UPGRADE + "|");
    send("get /websocket HTTP/1.1|" + UPGRADE + "|");
    send("OPTIONS /websocket HTTP/1.1|" + UPGRADE + "|");
    send("GET /websocket HTTP/1.1|" + UPGRADE + "Content-Length: 3||abc");
    send("GET /websocket HTTP/1.1|" + UPGRADE + "Transfer-Encoding: chunked||3|abc|0||");
    send("GET /websocket HTTP/1.0|" + UPGRADE + "|");
    send("GET /websocket HTTP/1.1|Host: h|Connection: Upgrade|" + KEY + VERSION + "|");
    send("GET /websocket HTTP/1.1|Host: h|Upgrade: websocket|" + KEY + VERSION + "|");
    send(
        "GET /websocket HTTP/1.1|Host: h|Connection: upgrade-x|Upgrade: websocket|"
            + KEY
            + VERSION
            + "|");
    send(
        "GET /websocket HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket2|"
            + KEY
            + VERSION
            + "|");
    send(
        "GET /websocket HTTP/1.1|Host: h|Connection: Upgrade|Upgrade: websocket/13|"
            + KEY
            + VERSION
            + "|");
    send("GET /websocket HTTP/1.1|Host: h|Connection: close|Upgrade: h2c||");
    send("POST /%77ebsocket HTTP/1.1|" + UPGRADE + "|");
    send("POST /./websocket?x HTTP/1.1|" + UPGRADE + "|");
    send("POST //websocket HTTP/1.1|" + UPGRADE + "|");
    send("POST http://h/websocket HTTP/1.1|" + UPGRADE + "|");
    assertThat(master.calls()).isEmpty();
  }

  /** RFC 6455 §4.2.1: without its key or version it is none to any server. */
  @ParameterizedTest
  @MethodSource("http1")
  void a_handshake_without_one_of_its_fields_is_refused(LaneProtocol lane) {
    start(lane, GUARD);
    String upgrade = "GET /websocket HTTP/1.1|Host: h|Upgrade: websocket|";
    send(upgrade + "Connection: Upgrade||");
    send(upgrade + "Connection: Upgrade|" + KEY + "|");
    send(upgrade + "Connection: Upgrade|" + VERSION + "|");
    send(upgrade + "Connection: Upgrade, Sec-WebSocket-Key|" + KEY + VERSION + "|");
    send(upgrade + "Connection: sec-websocket-version|Connection: Upgrade|" + KEY + VERSION + "|");
    assertThat(master.calls()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("http1")
  void a_request_that_passes_is_relayed_as_a_handshake(LaneProtocol lane) {
    start(lane, GUARD);
    master.script(call -> call.reply(400, "not that key"));
    for (String fields :
        new String[] {
          "Connection: Upgrade|Upgrade: websocket|" + KEY + VERSION,
          "connection: keep-alive, uPGRADE|upgrade: WebSocket|" + KEY + VERSION,
          "Connection: keep-alive|Connection: x , upgrade|Upgrade: h2c, websocket|" + KEY + VERSION,
          "Connection: Upgrade|Upgrade: websocket|Content-Length: 0|" + KEY + VERSION,
          // For the server to judge.
          "Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Key: eA==|sec-websocket-version: 8|"
        }) {
      RawClient client = raw();
      client.send("GET /websocket HTTP/1.1\r\nHost: h\r\n" + fields.replace("|", "\r\n") + "\r\n");
      assertThat(client.response().status()).as(fields).isEqualTo(400);
    }
    assertThat(master.calls()).hasSize(5);
    for (TestServer.Call call : master.calls()) {
      assertThat(call.headers("connection")).containsExactly("upgrade");
      assertThat(call.headers("upgrade")).containsExactly("websocket");
      assertThat(call.headers("sec-websocket-key")).hasSize(1);
      assertThat(call.headers("sec-websocket-version")).hasSize(1);
    }
  }

  /** It has no upgrade (RFC 9113 §8.6), and its own form of the handshake is not offered. */
  @ParameterizedTest
  @MethodSource("http2")
  void over_http2_a_request_with_a_body_is_refused_too(LaneProtocol lane) {
    start(lane, GUARD);
    assertThat(client().request("POST", "/websocket", bytes(3)).response().status()).isEqualTo(403);
    assertThat(master.calls()).isEmpty();
  }
}
