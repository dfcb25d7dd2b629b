package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.traffic.RequestEnd;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server's 101 to a WebSocket handshake may be (RFC 9110 §7.8, §15.2.2). */
@ParameterizedClass
@MethodSource("http1")
class SwitchingTest extends LaneProtocolTable {
  private static final String UPGRADE = "Upgrade: websocket\r\n";

  private RawClient handshake(String head) {
    master.script(
        call -> {
          call.write(head + "\r\nhello");
          while (call.in().read() >= 0) {
            // Until the proxy ends it.
          }
        });
    return raw().request("GET", "/ws", HANDSHAKE);
  }

  @Test
  void a_101_that_agrees_to_no_websocket_is_a_failure() {
    start(lane);
    String bare = "HTTP/1.1 101 X\r\nConnection: Upgrade\r\n";
    String connection = bare + ACCEPT;
    for (String head :
        new String[] {
          "HTTP/1.1 101 X\r\n",
          connection,
          connection + "Upgrade:\r\n",
          connection + "Upgrade: h2c\r\n",
          connection + "Upgrade: websockets\r\n",
          connection + "Upgrade: websocket, h2c\r\n",
          connection + "Upgrade: h2c\r\n" + UPGRADE,
          connection + "Upgrade: HTTP/1.1\r\n",
          "HTTP/1.0 101 X\r\nConnection: Upgrade\r\n" + ACCEPT + UPGRADE,
          "HTTP/2.0 101 X\r\nConnection: Upgrade\r\n" + ACCEPT + UPGRADE,
          bare + UPGRADE,
          bare + UPGRADE + "Sec-WebSocket-Accept: \r\n",
          bare + UPGRADE + "Sec-WebSocket-Accept: x\r\n",
          bare + UPGRADE + ACCEPT.toUpperCase(Locale.ROOT),
          bare + UPGRADE + "Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n",
          bare + UPGRADE + ACCEPT + "Sec-WebSocket-Accept: x\r\n",
          connection + UPGRADE + "Content-Length: 3\r\n",
          connection + UPGRADE + "Transfer-Encoding: chunked\r\n",
          connection + UPGRADE + "Transfer-Encoding: identity\r\n"
        }) {
      Response response = handshake(head).response();
      assertThat(response.status()).as(head).isEqualTo(502);
      assertThat(response.header("upgrade")).isNull();
      assertThat(seen.outcome().end()).as(head).isEqualTo(RequestEnd.SERVER_FAILED);
      Await.until("the server is left", () -> master.openConnections() == 0);
    }
  }

  @Test
  void a_101_that_agrees_to_a_websocket_is_relayed() throws Exception {
    start(lane);
    for (String head :
        new String[] {
          "HTTP/1.1 101 X\r\nConnection: Upgrade\r\n" + ACCEPT + UPGRADE,
          "HTTP/1.1 101\r\nconnection: upgrade\r\nupgrade: WebSocket\r\n" + ACCEPT,
          "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nContent-Length: 0\r\n" + ACCEPT + UPGRADE
        }) {
      RawClient client = handshake(head);
      Response response = client.response();
      assertThat(response.status()).as(head).isEqualTo(101);
      assertThat(response.headers("upgrade")).containsExactly("websocket");
      assertThat(response.headers("connection")).containsExactly("upgrade");
      assertThat(response.header("content-length")).isNull();
      assertThat(client.in().readNBytes(5)).asString().isEqualTo("hello");
      client.abort();
    }
  }
}
