package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.tunnel.Tunnels;
import dev.understudy.testing.Await;
import dev.understudy.testing.Http2Client;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** WebSockets of clients over HTTP/2 (RFC 8441), in each lane. */
@ParameterizedClass
@MethodSource("http2")
class Http2WebSocketTest extends LaneProtocolTable {
  private static final byte[] HI = {(byte) 0x81, 2, 'h', 'i'};

  /** Echoes each byte. */
  private static final TestServer.Script ECHO =
      call -> {
        agree(call, accept(call.header("sec-websocket-key")));
        echo(call);
      };

  private static void agree(TestServer.Call call, String accept) throws Exception {
    call.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Accept: "
            + accept
            + "\r\n\r\n");
  }

  static String accept(String key) throws Exception {
    return Base64.getEncoder()
        .encodeToString(
            MessageDigest.getInstance("SHA-1")
                .digest(
                    (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                        .getBytes(StandardCharsets.US_ASCII)));
  }

  @Override
  protected TunnelFactory tunnels() {
    Tunnels tunnels = new Tunnels(pools, seen);
    closeLater(tunnels);
    return tunnels;
  }

  private Http2Client connect(String... fields) {
    Http2Headers head =
        Http2Client.headers("CONNECT", "/ws", fields)
            .add(":protocol", "websocket")
            .add("sec-websocket-version", "13");
    Http2Client client = (Http2Client) client();
    return client.head(head, false);
  }

  private int tunnelsOf(String server) {
    return pools.server(server).traffic().tunnels().get();
  }

  @Test
  void a_websocket_is_relayed_to_a_server_of_http_1_1() {
    start(two());
    master.script(ECHO);
    Http2Client client = connect("sec-websocket-protocol: chat");
    client.body(HI);
    client.awaitBody(4);
    assertThat(tunnelsOf("a")).isEqualTo(1);
    client.end();
    Response response = client.response();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("sec-websocket-protocol")).isEqualTo("chat");
    assertThat(response.header("sec-websocket-accept")).isNull();
    assertThat(response.reset()).isFalse();
    TestServer.Call call = master.calls().get(0);
    assertThat(call.line()).isEqualTo("GET /ws HTTP/1.1");
    assertThat(call.header("upgrade")).isEqualTo("websocket");
    assertThat(call.header("connection")).isEqualTo("upgrade");
    assertThat(call.header("sec-websocket-version")).isEqualTo("13");
    assertThat(call.header("transfer-encoding")).isNull();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void bytes_sent_before_the_response_are_relayed() {
    start(two());
    master.script(
        call -> {
          Await.until("the client has sent", () -> tunnelsOf("a") == 0);
          ECHO.respond(call);
        });
    Http2Client client = connect().body(HI).body(HI);
    client.awaitBody(8);
  }

  @Test
  void many_bytes_pass_in_both_directions() {
    start(two());
    master.script(ECHO);
    Http2Client client = connect();
    byte[] frame = new byte[60_004];
    frame[0] = (byte) 0x82;
    frame[1] = 126;
    frame[2] = (byte) (60_000 >> 8);
    frame[3] = (byte) 60_000;
    for (int i = 0; i < 10; i++) {
      client.body(frame);
      client.skip(frame.length);
    }
  }

  @Test
  void a_tunnel_is_told_by_a_close_frame_when_its_server_is_left() {
    start(two().drain(Duration.ZERO));
    master.script(ECHO);
    Http2Client client = connect().body(HI);
    client.awaitBody(4);
    pools.operator("a", OperatorState.MAINTENANCE);
    client.awaitBody(8);
    Response response = client.response();
    assertThat(response.reset()).isFalse();
    assertThat(response.body().getBytes(StandardCharsets.ISO_8859_1)).startsWith('?', 2, 'h', 'i');
    Await.until("it is over", () -> tunnelsOf("a") == 0);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void a_client_that_resets_its_stream_ends_the_tunnel_alone() {
    start(two());
    master.script(ECHO);
    Http2Client client = connect().body(HI);
    client.awaitBody(4);
    client.abort();
    Await.until("the server is told", () -> master.openConnections() == 0);
    Await.until("it is over", () -> tunnelsOf("a") == 0);
    master.script(call -> call.reply(200, "on"));
    assertThat(client.get("/").body()).isEqualTo("on");
  }

  @Test
  void a_server_that_refuses_is_heard() {
    start(two());
    master.script(call -> call.reply(403, "no"));
    Response response = connect().response();
    assertThat(response.status()).isEqualTo(403);
    assertThat(response.body()).isEqualTo("no");
  }

  @Test
  void a_server_that_has_not_understood_leads_to_502() {
    start(two());
    master.script(call -> call.reply(200, "a page"));
    assertThat(connect().response().status()).isEqualTo(502);
    master.script(call -> agree(call, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assertThat(connect().response().status()).isEqualTo(502);
  }

  @Test
  void the_guard_of_websockets_lets_it_pass() {
    start(lane, "RequireWebSocketUpgrade=/ws");
    master.script(ECHO);
    Http2Client client = connect().body(HI);
    client.awaitBody(4);
    assertThat(client().get("/ws").status()).isEqualTo(403);
  }

  @Test
  void another_protocol_gets_501() {
    start(two());
    Http2Client client = (Http2Client) client();
    client.head(Http2Client.headers("CONNECT", "/x").add(":protocol", "connect-udp"), false);
    assertThat(client.response().status()).isEqualTo(501);
  }
}
