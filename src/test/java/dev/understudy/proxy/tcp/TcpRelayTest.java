package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.proxy.listener.TcpRig.Transport;
import dev.understudy.testing.Await;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a relayed connection carries, and how its ends pass through. */
class TcpRelayTest {
  private static final String TRANSPORTS =
      "dev.understudy.proxy.listener.TcpRig$Transport#available";

  private record Wire(TcpRig rig, TcpServer master, Socket client, Socket server)
      implements AutoCloseable {
    static Wire open(Transport transport) throws IOException {
      TcpServer master = new TcpServer();
      TcpRig rig = new TcpRig(transport, TestPools.pool().master("a", master.port()).start());
      Socket client = rig.connect();
      return new Wire(rig, master, client, master.accept());
    }

    ConnectionOutcome end() {
      return rig.seen.connection();
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
      master.close();
      rig.close();
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void bytes_pass_both_ways_and_are_counted(Transport transport) throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.client, "hello");
      assertThat(receive(wire.server, 5)).isEqualTo("hello");
      send(wire.server, "welcome");
      assertThat(receive(wire.client, 7)).isEqualTo("welcome");
      assertThat(wire.rig.pools.server("a").traffic().tunnels().get()).isEqualTo(1);
      wire.client.close();
      assertThat(rest(wire.server)).isEqualTo("|FIN");
      wire.server.close();
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.CLOSED);
      assertThat(wire.end().bytesIn()).isEqualTo(5);
      assertThat(wire.end().bytesOut()).isEqualTo(7);
      assertThat(wire.end().server()).hasToString("a");
      assertThat(wire.end().attempts()).isEqualTo(1);
      assertThat(wire.rig.seen.troubles).isEmpty();
      assertThat(wire.rig.pools.server("a").traffic().bytesIn().sum()).isEqualTo(5);
      assertThat(wire.rig.pools.server("a").traffic().bytesOut().sum()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_server_that_speaks_first_is_heard(Transport transport) throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.server, "220 ready");
      assertThat(receive(wire.client, 9)).isEqualTo("220 ready");
    }
  }

  /** Sizes that fit the first read, that do not, and that fill the buffers of all sockets. */
  static Stream<Arguments> sizes() {
    return Transport.available().stream()
        .flatMap(each -> IntStream.of(1, 2048, 5000, 3_000_000).mapToObj(n -> arguments(each, n)));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void what_a_client_sent_before_it_was_accepted_arrives_whole(Transport transport, int size)
      throws Exception {
    String text = "q".repeat(size);
    try (TcpServer master = new TcpServer();
        TcpRig rig = new TcpRig(transport, TestPools.pool().master("a", master.port()).start())) {
      TcpRig.Pause pause = rig.pause();
      try (Socket client = rig.connect()) {
        CompletableFuture<Void> sent = sendAll(client, text);
        Await.until("all is sent, or what sockets take", () -> sent.isDone() || size > 5000);
        pause.close();
        try (Socket server = master.accept()) {
          assertThat(receive(server, size)).isEqualTo(text);
          sent.get(20, TimeUnit.SECONDS);
          send(client, "more");
          assertThat(receive(server, 4)).isEqualTo("more");
        }
      } finally {
        pause.close();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void what_comes_together_with_the_servers_end_arrives_whole(Transport transport, int size)
      throws Exception {
    String text = "r".repeat(size);
    try (Wire wire = Wire.open(transport)) {
      CompletableFuture<Void> sent;
      try (TcpRig.Pause pause = wire.rig.pause()) {
        sent = sendAll(wire.server, text).thenRun(() -> shutOutput(wire.server));
        Await.until("all is sent, or what sockets take", () -> sent.isDone() || size > 5000);
      }
      sent.get(20, TimeUnit.SECONDS);
      assertThat(rest(wire.client)).isEqualTo(text + "|FIN");
      send(wire.client, "late");
      assertThat(receive(wire.server, 4)).isEqualTo("late");
      wire.client.close();
      assertThat(rest(wire.server)).isEqualTo("|FIN");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.CLOSED);
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void after_the_clients_end_a_response_of_any_size_arrives(Transport transport, int size)
      throws Exception {
    String text = "r".repeat(size * 10);
    try (Wire wire = Wire.open(transport)) {
      wire.client.shutdownOutput();
      assertThat(rest(wire.server)).isEqualTo("|FIN");
      CompletableFuture<Void> sent = sendAll(wire.server, text);
      awaitSentOrStopped(sent);
      assertThat(receive(wire.client, text.length())).isEqualTo(text);
      sent.get(20, TimeUnit.SECONDS);
      wire.server.close();
      assertThat(rest(wire.client)).isEqualTo("|FIN");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.CLOSED);
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void after_the_servers_end_a_request_of_any_size_arrives(Transport transport, int size)
      throws Exception {
    String text = "q".repeat(size * 10);
    try (Wire wire = Wire.open(transport)) {
      wire.server.shutdownOutput();
      assertThat(rest(wire.client)).isEqualTo("|FIN");
      CompletableFuture<Void> sent = sendAll(wire.client, text);
      awaitSentOrStopped(sent);
      assertThat(receive(wire.server, text.length())).isEqualTo(text);
      sent.get(20, TimeUnit.SECONDS);
      wire.client.close();
      assertThat(rest(wire.server)).isEqualTo("|FIN");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.CLOSED);
    }
  }

  private static void awaitSentOrStopped(CompletableFuture<Void> sent) {
    AtomicInteger checks = new AtomicInteger();
    Await.until(
        "all is sent, or stopped by backpressure",
        () -> sent.isDone() || checks.incrementAndGet() == 100);
  }

  private static CompletableFuture<Void> sendAll(Socket to, String text) {
    return CompletableFuture.runAsync(() -> quietly(() -> send(to, text)));
  }

  private static void shutOutput(Socket socket) {
    quietly(socket::shutdownOutput);
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void quietly(Step step) {
    try {
      step.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_reset_that_comes_together_with_the_servers_first_bytes_passes_as_one(Transport transport)
      throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.client, "1");
      assertThat(receive(wire.server, 1)).isEqualTo("1");
      try (TcpRig.Pause pause = wire.rig.pause()) {
        send(wire.server, "FATAL");
        reset(wire.server);
      }
      assertThat(rest(wire.client)).endsWith("|RST");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_client_that_was_gone_before_it_was_accepted_is_no_fault_of_the_server(Transport transport)
      throws IOException {
    try (TcpServer master = new TcpServer();
        TcpRig rig = new TcpRig(transport, TestPools.pool().master("a", master.port()).start())) {
      try (TcpRig.Pause pause = rig.pause()) {
        reset(rig.connect());
      }
      if (transport == Transport.EPOLL) {
        // With NIO the reset is seen only once a server is connected.
        assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLIENT_GONE);
        assertThat(rig.seen.connection().attempts()).isZero();
      }
      try (Socket client = rig.connect()) {
        send(client, "next");
        Await.until("the next client is heard", () -> isHeard(master, "next"));
      }
      assertThat(rig.seen.troubles).isEmpty();
    }
  }

  private static boolean isHeard(TcpServer master, String text) throws IOException {
    try (Socket server = master.accept()) {
      boolean heard = receive(server, text.length()).equals(text);
      if (heard) {
        // A server that ends a connection without a byte would be to blame.
        send(server, "heard");
      }
      return heard;
    } catch (SocketException e) {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void the_clients_half_close_passes_and_the_server_goes_on(Transport transport)
      throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.client, "query");
      wire.client.shutdownOutput();
      assertThat(rest(wire.server)).isEqualTo("query|FIN");
      send(wire.server, "result");
      assertThat(receive(wire.client, 6)).isEqualTo("result");
      wire.server.close();
      assertThat(rest(wire.client)).isEqualTo("|FIN");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.CLOSED);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void the_servers_half_close_passes_and_the_client_goes_on(Transport transport)
      throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.server, "that is all");
      wire.server.shutdownOutput();
      assertThat(rest(wire.client)).isEqualTo("that is all|FIN");
      send(wire.client, "late");
      assertThat(receive(wire.server, 4)).isEqualTo("late");
      wire.client.close();
      assertThat(rest(wire.server)).isEqualTo("|FIN");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.CLOSED);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_reset_by_the_client_passes_as_one(Transport transport) throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.client, "x");
      assertThat(receive(wire.server, 1)).isEqualTo("x");
      reset(wire.client);
      assertThat(rest(wire.server)).isEqualTo("|RST");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.CLIENT_GONE);
      assertThat(wire.rig.seen.troubles).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_reset_by_the_server_passes_as_one_after_what_it_sent(Transport transport)
      throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.server, "FATAL");
      assertThat(receive(wire.client, 5)).isEqualTo("FATAL");
      reset(wire.server);
      assertThat(rest(wire.client)).isEqualTo("|RST");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
      assertThat(wire.rig.seen.troubles).containsExactly(Trouble.BROKEN);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_reset_by_the_server_after_the_clients_half_close_is_no_clean_end(Transport transport)
      throws IOException {
    try (Wire wire = Wire.open(transport)) {
      wire.client.shutdownOutput();
      assertThat(rest(wire.server)).isEqualTo("|FIN");
      reset(wire.server);
      assertThat(rest(wire.client)).isEqualTo("|RST");
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_server_that_breaks_off_while_bytes_wait_for_it_is_no_clean_end(Transport transport)
      throws IOException {
    try (TcpServer master = new TcpServer();
        TcpRig rig = new TcpRig(transport, TestPools.pool().master("a", master.port()).start());
        SocketChannel client =
            SocketChannel.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.port()));
        Socket server = master.accept()) {
      client.configureBlocking(false);
      ByteBuffer piece = ByteBuffer.allocate(64 * 1024);
      AtomicInteger refusals = new AtomicInteger();
      Await.until(
          "the client is stopped by backpressure",
          () -> {
            refusals.set(client.write(piece.clear()) > 0 ? 0 : refusals.get() + 1);
            return refusals.get() == 20;
          });
      client.configureBlocking(true);
      client.socket().setSoTimeout(20_000);
      send(server, "half a resu");
      reset(server);
      assertThat(rest(client.socket())).endsWith("|RST");
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
      assertThat(rig.seen.troubles).contains(Trouble.BROKEN);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void what_it_sent_before_passes_though_the_client_had_ended_its_output() throws Exception {
    try (Wire wire = Wire.open(Transport.EPOLL)) {
      long sent = 0;
      while (sent <= Sockets.unread(wire.server)) {
        send(wire.client, "x".repeat(16_000));
        sent += 16_000;
        wire.rig.pause().close();
      }
      wire.client.shutdownOutput();
      wire.rig.pause().close();
      try (TcpRig.Pause pause = wire.rig.pause()) {
        send(wire.server, "FATAL");
        reset(wire.server);
      }
      assertThat(rest(wire.client)).isEqualTo("FATAL|RST");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_reset_by_the_server_passes_as_one_though_the_clients_last_bytes_meet_it(
      Transport transport) throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.client, "query");
      assertThat(receive(wire.server, 5)).isEqualTo("query");
      try (TcpRig.Pause pause = wire.rig.pause()) {
        send(wire.client, "last");
        wire.client.shutdownOutput();
        send(wire.server, "half a resu");
        reset(wire.server);
      }
      assertThat(rest(wire.client)).isEqualTo("half a resu|RST");
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_client_that_writes_on_after_the_server_closed_is_reset(Transport transport)
      throws IOException {
    try (Wire wire = Wire.open(transport)) {
      send(wire.client, "1");
      assertThat(receive(wire.server, 1)).isEqualTo("1");
      send(wire.server, "2");
      wire.server.close();
      assertThat(rest(wire.client)).isEqualTo("2|FIN");
      Thread.startVirtualThread(() -> Sockets.sendUntilRefused(wire.client, new AtomicLong()));
      assertThat(wire.end().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
      assertThat(wire.rig.seen.troubles).doesNotContain(Trouble.BROKEN);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void clients_of_a_master_that_failed_are_reset_and_the_next_ones_reach_the_backup(
      Transport transport) throws IOException {
    try (TcpServer master = new TcpServer();
        TcpServer backup = new TcpServer();
        TcpRig rig =
            new TcpRig(
                transport,
                TestPools.pool().master("a", master.port()).backup("b", backup.port()).start());
        Socket client = rig.connect();
        Socket server = master.accept()) {
      send(client, "1");
      assertThat(receive(server, 1)).isEqualTo("1");
      rig.pools.failover("a", "b");
      assertThat(rest(client)).isEqualTo("|RST");
      assertThat(rest(server)).isEqualTo("|RST");
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MOVED);
      try (Socket next = rig.connect();
          Socket taken = backup.accept()) {
        send(next, "2");
        assertThat(receive(taken, 1)).isEqualTo("2");
      }
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_refused_connection_is_held_until_another_server_serves(Transport transport)
      throws IOException {
    TcpServer dead = new TcpServer();
    dead.close();
    try (TcpServer backup = new TcpServer();
        TcpRig rig =
            new TcpRig(
                transport,
                TestPools.pool().master("a", dead.port()).backup("b", backup.port()).start());
        Socket client = rig.connect()) {
      send(client, "first");
      Await.until(
          "the refusal is reported", () -> rig.seen.troubles.contains(Trouble.CONNECT_FAILED));
      assertThat(rig.seen.details.get(0)).contains("Connection refused");
      rig.pools.failover("a", "b");
      try (Socket server = backup.accept()) {
        assertThat(receive(server, 5)).isEqualTo("first");
      }
    }
  }
}
