package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.listener.TcpRig.Transport;
import dev.understudy.testing.Await;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ports of the dynamic file: what a change opens, keeps and closes. */
class TcpListenersTest {
  private static final String TRANSPORTS =
      "dev.understudy.proxy.listener.TcpRig$Transport#available";

  private static void exchange(Socket client, Socket server) throws IOException {
    client.getOutputStream().write('?');
    assertThat(server.getInputStream().read()).isEqualTo('?');
    server.getOutputStream().write('!');
    assertThat(client.getInputStream().read()).isEqualTo('!');
  }

  private static boolean accepts(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (ConnectException e) {
      return false;
    }
  }

  private static TestPools pool(TcpServer a) {
    return TestPools.pool().master("a", a.port()).start();
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_listener_that_is_removed_closes_its_port_and_keeps_its_connections(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpRig rig = new TcpRig(transport, pool(a));
        Socket client = rig.connect();
        Socket server = a.accept()) {
      exchange(client, server);
      int port = rig.port();
      assertThat(rig.use()).isEmpty();
      // NIO frees a closed port only in its loop's next turn.
      Await.until("the port is closed", () -> !accepts(port));
      assertThat(rig.listeners.port("pg")).isEmpty();
      exchange(client, server);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_listener_with_another_pool_keeps_its_port_and_its_connections(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpRig rig = new TcpRig(transport, pool(a));
        Socket client = rig.connect();
        Socket server = a.accept()) {
      exchange(client, server);
      int port = rig.port();
      assertThat(rig.use(TcpRig.listener("pg", 0, new PoolId("gone")))).isEmpty();
      assertThat(rig.port()).isEqualTo(port);
      try (Socket next = rig.connect()) {
        assertThatThrownBy(() -> next.getInputStream().read()).isInstanceOf(IOException.class);
      }
      exchange(client, server);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_listener_may_get_another_name_and_another_way_to_read_its_port(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpRig rig = new TcpRig(transport, pool(a))) {
      int port = rig.port();
      assertThat(rig.use(TcpRig.listener("pg", port, TestPools.POOL))).isEmpty();
      assertThat(rig.use(TcpRig.listener("db", port, TestPools.POOL))).isEmpty();
      Listener proxied =
          new Listener("db", "127.0.0.1", port, TestPools.POOL, Map.of(), true, null);
      assertThat(rig.use(proxied)).isEmpty();
      try (Socket client = rig.connect("db")) {
        client.getOutputStream().write("PROXY UNKNOWN\r\n".getBytes());
        try (Socket server = a.accept()) {
          exchange(client, server);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_port_that_another_has_is_a_problem_and_nothing_changes(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TcpRig rig = new TcpRig(transport, pool(a))) {
      int port = taken.getLocalPort();
      assertThat(rig.use(TcpRig.listener(), TcpRig.listener("other", port, TestPools.POOL)))
          .containsExactly(
              "listeners.other.port: expected a free port, found 127.0.0.1 port "
                  + port
                  + ", which is in use");
      try (Socket client = rig.connect();
          Socket server = a.accept()) {
        exchange(client, server);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void tls_that_cannot_end_here_is_a_problem(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpRig rig = new TcpRig(transport, pool(a))) {
      Listener secure =
          new Listener(
              "secure",
              "127.0.0.1",
              0,
              TestPools.POOL,
              Map.of(),
              false,
              new ListenerTls(
                  List.of(),
                  "web",
                  ListenerTls.ClientAuth.NONE,
                  null,
                  true,
                  ListenerTls.TlsVersion.TLSV1_2));
      assertThat(rig.use(secure)).containsExactly("listeners.secure.tls: TLS cannot end here");
    }
  }
}
