package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.listener.TcpRig.Transport;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Ports of the dynamic file: what a change opens, keeps and closes. */
@Order(Extent.FIRST)
class TcpListenersTest {
  private static final String TRANSPORTS =
      "dev.understudy.proxy.listener.TcpRig$Transport#available";

  private static void exchange(Socket client, Socket server) throws IOException {
    client.getOutputStream().write('?');
    assertThat(server.getInputStream().read()).isEqualTo('?');
    server.getOutputStream().write('!');
    assertThat(client.getInputStream().read()).isEqualTo('!');
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
      Await.until("it is closed", () -> refuses(port));
      assertThat(rig.listeners.port("pg")).isEmpty();
      exchange(client, server);
    }
  }

  private static boolean refuses(int port) {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_file_that_changes_during_a_stop_opens_no_port(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpRig rig = new TcpRig(transport, pool(a))) {
      rig.stopListening();
      assertThat(rig.use(TcpRig.listener("late", 0, TestPools.POOL))).isEmpty();
      int port = rig.port("late");
      Await.until("it is closed", () -> refuses(port));
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void silent_connections_that_must_speak_first_make_room_for_others(Transport transport)
      throws IOException {
    Listener proxied =
        TestSettings.listener("pg", "127.0.0.1", 0, TestPools.POOL, Map.of(), true, null);
    try (TcpServer a = new TcpServer();
        TcpRig rig = new TcpRig(transport, pool(a), 3, proxied);
        Socket first = rig.connect()) {
      Await.until("it is counted", () -> rig.limits.connections() == 1);
      try (Socket second = rig.connect()) {
        Await.until("it is counted", () -> rig.limits.connections() == 2);
        try (Socket third = rig.connect()) {
          third
              .getOutputStream()
              .write("PROXY TCP4 127.0.0.2 127.0.0.3 4 5\r\n".getBytes(StandardCharsets.US_ASCII));
          assertThatThrownBy(() -> first.getInputStream().read()).isInstanceOf(IOException.class);
          try (Socket server = a.accept()) {
            exchange(third, server);
          }
        }
        assertThat(second.isConnected()).isTrue();
      }
    }
  }

  @Test
  void connections_are_drained_once_no_socket_adds_to_them() {
    ListeningSockets listening = new ListeningSockets();
    EmbeddedChannel socket = new EmbeddedChannel();
    listening.add(socket);
    AtomicBoolean drained = new AtomicBoolean();
    ShutdownStep.drainTunnels(
            listening,
            grace -> {
              drained.set(true);
              return CompletableFuture.completedFuture(null);
            },
            Duration.ofSeconds(20))
        .stop(() -> {});
    assertThat(drained).as("while it is open").isFalse();
    socket.runPendingTasks();
    assertThat(socket.isOpen()).isFalse();
    assertThat(drained).isTrue();
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
          TestSettings.listener("db", "127.0.0.1", port, TestPools.POOL, Map.of(), true, null);
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

  private static Listener at(@Nullable String address, int port) {
    return TestSettings.listener("pg", address, port, TestPools.POOL, Map.of(), false, null);
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_port_may_change_its_address(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpRig rig = new TcpRig(transport, pool(a))) {
      int port = rig.port();
      for (String address : Arrays.asList(null, "127.0.0.1", "0.0.0.0", "127.0.0.1")) {
        assertThat(rig.use(at(address, port))).isEmpty();
        try (Socket client = rig.connect();
            Socket server = a.accept()) {
          exchange(client, server);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"EPOLL, 192.0.2.1", "EPOLL, 0.0.0.0", "NIO, 192.0.2.1"})
  void another_address_that_cannot_be_bound_is_a_problem_and_nothing_changes(
      Transport transport, String address) throws IOException {
    int port = Ports.free();
    try (TcpServer a = new TcpServer();
        ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"));
        TcpRig rig = new TcpRig(transport, pool(a), at("127.0.0.1", port))) {
      assertThat(other.isBound()).isTrue();
      assertThat(rig.use(at(address, port)))
          .singleElement(InstanceOfAssertFactories.STRING)
          .startsWith(
              "listeners.pg.port: expected a free port, found %s port %d, "
                  .formatted(address, port));
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
          TestSettings.listener(
              "secure", "127.0.0.1", 0, TestPools.POOL, Map.of(), false, TestSettings.tls("web"));
      assertThat(rig.use(secure)).containsExactly("listeners.secure.tls: TLS cannot end here");
    }
  }
}
