package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Ports of the dynamic file: what a change opens, keeps and closes. */
@Order(Extent.FIRST)
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class TcpListenersTest {
  @Parameter private Transport transport;
  private final List<Socket> sockets = new ArrayList<>();
  private TcpServer a;
  private TcpRig rig;
  private Socket client;
  private Socket server;

  private static void exchange(Socket client, Socket server) throws IOException {
    client.getOutputStream().write('?');
    assertThat(server.getInputStream().read()).isEqualTo('?');
    server.getOutputStream().write('!');
    assertThat(client.getInputStream().read()).isEqualTo('!');
  }

  @BeforeEach
  void listen() throws IOException {
    a = new TcpServer();
  }

  @AfterEach
  void closeAll() throws IOException {
    for (Socket each : sockets) {
      each.close();
    }
    if (rig != null) {
      rig.close();
    }
    a.close();
  }

  private TestPools pool() {
    return TestPools.pool().master("a", a.port()).start();
  }

  private void start() {
    start(TcpRig.listener());
  }

  private void start(Listener first) {
    rig = new TcpRig(transport, pool(), first);
  }

  private Socket connect(String... listener) throws IOException {
    Socket socket = listener.length > 0 ? rig.connect(listener[0]) : rig.connect();
    sockets.add(socket);
    return socket;
  }

  private Socket accept() throws IOException {
    Socket socket = a.accept();
    sockets.add(socket);
    return socket;
  }

  private void open() throws IOException {
    client = connect();
    server = accept();
  }

  @Test
  void a_listener_that_is_removed_closes_its_port_and_keeps_its_connections() throws IOException {
    start();
    open();
    exchange(client, server);
    int port = rig.port();
    assertThat(rig.use()).isEmpty();
    // NIO frees a closed port only in its loop's next turn.
    Await.until("it is closed", () -> refuses(port));
    assertThat(rig.listeners.port("pg")).isEmpty();
    exchange(client, server);
  }

  private static boolean refuses(int port) {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void a_file_that_changes_during_a_stop_opens_no_port() throws IOException {
    start();
    rig.stopListening();
    assertThat(rig.use(TcpRig.listener("late", 0, TestPools.POOL))).isEmpty();
    int port = rig.port("late");
    Await.until("it is closed", () -> refuses(port));
  }

  @Test
  void silent_connections_that_must_speak_first_make_room_for_others() throws IOException {
    Listener proxied =
        TestSettings.listener("pg", "127.0.0.1", 0, TestPools.POOL, Map.of(), true, null);
    rig = new TcpRig(transport, pool(), 3, proxied);
    for (int silent = 1; silent <= 2; silent++) {
      int count = silent;
      connect();
      Await.until("it is counted", () -> rig.limits.connections() == count);
    }
    // One has the last place, the other the one that is made for it.
    for (int i = 0; i < 2; i++) {
      Socket speaking = connect();
      speaking
          .getOutputStream()
          .write("PROXY TCP4 127.0.0.2 127.0.0.3 4 5\r\n".getBytes(StandardCharsets.US_ASCII));
      exchange(speaking, accept());
    }
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.REFUSED);
  }

  @Test
  void connections_are_drained_only_after_the_listening_sockets_have_closed() {
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

  @Test
  void a_listener_with_another_pool_keeps_its_port_and_its_connections() throws IOException {
    start();
    open();
    exchange(client, server);
    int port = rig.port();
    assertThat(rig.use(TcpRig.listener("pg", 0, new PoolId("gone")))).isEmpty();
    assertThat(rig.port()).isEqualTo(port);
    Socket next = connect();
    assertThatThrownBy(() -> next.getInputStream().read()).isInstanceOf(IOException.class);
    exchange(client, server);
  }

  @Test
  void a_listener_may_get_another_name_and_another_way_to_read_its_port() throws IOException {
    start();
    int port = rig.port();
    assertThat(rig.use(TcpRig.listener("pg", port, TestPools.POOL))).isEmpty();
    assertThat(rig.use(TcpRig.listener("db", port, TestPools.POOL))).isEmpty();
    Listener proxied =
        TestSettings.listener("db", "127.0.0.1", port, TestPools.POOL, Map.of(), true, null);
    assertThat(rig.use(proxied)).isEmpty();
    Socket client = connect("db");
    client.getOutputStream().write("PROXY UNKNOWN\r\n".getBytes());
    Socket server = accept();
    exchange(client, server);
  }

  private static Listener at(@Nullable String address, int port) {
    return TestSettings.listener("pg", address, port, TestPools.POOL, Map.of(), false, null);
  }

  @Test
  void a_port_may_change_its_address() throws IOException {
    start();
    // Not one that the kernel may give to an outgoing connection while nobody listens there.
    int port = Ports.free();
    for (String address : Arrays.asList(null, "127.0.0.1", "0.0.0.0", "127.0.0.1")) {
      assertThat(rig.use(at(address, port))).isEmpty();
      open();
      exchange(client, server);
    }
  }

  @ParameterizedTest
  @CsvSource({"EPOLL, 192.0.2.1", "EPOLL, 0.0.0.0", "NIO, 192.0.2.1"})
  void another_address_that_cannot_be_bound_is_a_problem_and_nothing_changes(
      Transport by, String address) throws IOException {
    transport = by;
    int port = Ports.free();
    try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"))) {
      assertThat(other.isBound()).isTrue();
      start(at("127.0.0.1", port));
      assertThat(rig.use(at(address, port)))
          .singleElement(InstanceOfAssertFactories.STRING)
          .startsWith(
              "listeners.pg.port: expected a free port, found %s port %d, "
                  .formatted(address, port));
      open();
      exchange(client, server);
    }
  }

  @Test
  void tls_that_cannot_end_here_is_a_problem() throws IOException {
    start();
    Listener secure =
        TestSettings.listener(
            "secure", "127.0.0.1", 0, TestPools.POOL, Map.of(), false, TestSettings.tls("web"));
    assertThat(rig.use(secure)).containsExactly("listeners.secure.tls: TLS cannot end here");
  }
}
