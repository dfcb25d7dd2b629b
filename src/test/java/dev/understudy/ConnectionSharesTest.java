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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How client networks share the connections, when one of them keeps all that it gets. */
class ConnectionSharesTest {
  private static final int MAX = 32;

  /** What one network gets of that. */
  private static final int SHARE = 30;

  private static final String LISTENERS =
      """
      relay: { port: 0, pool: t }
      proxied: { port: 0, pool: t, proxy-protocol: true }
      web: { port: 0, proxy-protocol: true }
      """;

  private static final String UPGRADE =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  private static final String CONSENT =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

  @AutoClose private static ListeningProxy proxy;

  private final List<RawClient> clients = new ArrayList<>();

  @BeforeAll
  static void start(@TempDir Path folder) {
    proxy =
        new ListeningProxy(
            folder,
            LISTENERS,
            """
            - { id: express, uri: "pool://p", predicates: ["Path=/express/**"] }
            - { id: gateway, uri: "pool://p", predicates: ["Path=/**", "After=2020-01-01T00:00:00Z"] }
            """,
            "server.port=0",
            // So long that it is not what makes room.
            "understudy.client.keep-alive=1h",
            "understudy.client.header-timeout=1h",
            "understudy.client.max-connections=" + MAX);
  }

  @AfterEach
  void nobody_is_left() {
    clients.forEach(RawClient::close);
    proxy.rest();
  }

  private RawClient connect(int port, String from) {
    RawClient client = new RawClient(port, from);
    clients.add(client);
    return client;
  }

  private int port(String listener) {
    return listener.equals("main") ? proxy.mainPort() : proxy.port(listener);
  }

  /** A connection that keeps its place, in that way. */
  private RawClient keeps(String way, String from) {
    return switch (way) {
      case "relay" -> connect(port("relay"), from).request("GET", "/");
      case "proxied" ->
          connect(port("proxied"), "127.0.0.1").send(header(from)).request("GET", "/");
      case "web" ->
          connect(port("web"), "127.0.0.1").send(header(from)).send(handshake("/express/"));
      default -> connect(port("main"), from).send(handshake(way));
    };
  }

  private static String header(String from) {
    return "PROXY TCP4 " + from + " 127.0.0.1 4711 80\r\n";
  }

  private static String handshake(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + UPGRADE + "\r\n";
  }

  /** A new tunnel's status: 0 if the connection is closed. */
  private int status(String way, String from) {
    try {
      return keeps(way, from).response().status();
    } catch (UncheckedIOException e) {
      return 0;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"relay", "proxied", "web", "/express/", "/gateway/"})
  void a_network_that_keeps_all_its_connections_leaves_some_for_others(String way) {
    proxy.server.script(
        call -> {
          call.write(CONSENT);
          while (call.in().read() >= 0) {
            // Until the client ends it.
          }
        });
    int before = proxy.limited(Limit.CONNECTIONS);
    int got = 0;
    while (status(way, "127.0.1.1") == 101) {
      got++;
    }
    assertThat(got).isEqualTo(SHARE);
    assertThat(proxy.limited(Limit.CONNECTIONS)).isGreaterThan(before);
    assertThat(status(way, "127.0.1.1")).as("one more").isZero();
    assertThat(status(way, "127.0.1.2")).as("another network's").isEqualTo(101);
    clients.get(0).close();
    clients.get(1).close();
    Await.until("there is a place for one more", () -> status(way, "127.0.1.1") == 101);
  }

  @Test
  void idle_connections_of_a_network_make_room_for_its_next_ones() {
    for (int i = 0; i < SHARE; i++) {
      RawClient idle = connect(port("main"), "127.0.1.1");
      assertThat(idle.get("/express/").status()).isEqualTo(200);
    }
    for (int i = 0; i < 10; i++) {
      // Who has waited for less than a second is spared.
      Await.until("one more is served", () -> served("127.0.1.1"));
    }
    assertThat(served("127.0.1.2")).isTrue();
  }

  @Test
  void room_that_could_not_be_made_at_once_is_made_before_the_next_one_comes() {
    for (int i = 0; i < SHARE; i++) {
      connect(port("main"), "127.0.1.1");
    }
    Await.until("they are there", () -> proxy.connections() == SHARE);
    // Refused, unless opening them has taken a second.
    served("127.0.1.1");
    Await.until("room is made", () -> proxy.connections() < SHARE);
    assertThat(served("127.0.1.1")).isTrue();
  }

  private boolean served(String from) {
    try {
      Response response = connect(port("main"), from).get("/express/");
      return response.status() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }
}
