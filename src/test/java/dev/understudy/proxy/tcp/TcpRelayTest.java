package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a relayed connection carries, and how its ends pass through. */
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class TcpRelayTest extends Relayed {
  private static final int FITS_A_READ = 1;
  private static final int FILLS_ALL_BUFFERS = 3_000_000;

  @Test
  void bytes_pass_both_ways_and_are_counted() throws IOException {
    open(alone());
    passes(client, server, "hello");
    passes(server, client, "welcome");
    assertThat(rig.pools.server("a").traffic().tunnels().get()).isEqualTo(1);
    client.close();
    assertThat(rest(server)).isEqualTo("|FIN");
    server.close();
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLOSED);
    assertThat(rig.seen.connection().bytesIn()).isEqualTo(5);
    assertThat(rig.seen.connection().bytesOut()).isEqualTo(7);
    assertThat(rig.seen.connection().server()).hasToString("a");
    assertThat(rig.seen.connection().attempts()).isEqualTo(1);
    assertThat(rig.seen.troubles).isEmpty();
    assertThat(rig.pools.server("a").traffic().bytesIn().sum()).isEqualTo(5);
    assertThat(rig.pools.server("a").traffic().bytesOut().sum()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(ints = {FITS_A_READ, 2048, 5000, FILLS_ALL_BUFFERS})
  void what_a_client_sent_before_it_was_accepted_arrives_whole(int size) throws Exception {
    String text = "q".repeat(size);
    start(alone());
    CompletableFuture<Void> sent;
    try (TcpRig.Pause pause = rig.pause()) {
      client = connect();
      sent = sendAll(client, text);
      awaitSent(sent, size);
    }
    server = accept(a);
    assertThat(receive(server, size)).isEqualTo(text);
    sent.get(20, TimeUnit.SECONDS);
    passes(client, server, "more");
  }

  @ParameterizedTest
  @ValueSource(ints = {FITS_A_READ, 2048, 5000, FILLS_ALL_BUFFERS})
  void what_comes_together_with_the_servers_end_arrives_whole(int size) throws Exception {
    String text = "r".repeat(size);
    open(alone());
    CompletableFuture<Void> sent;
    try (TcpRig.Pause pause = rig.pause()) {
      sent = sendAll(server, text).thenRun(() -> unchecked(server::shutdownOutput));
      awaitSent(sent, size);
    }
    sent.get(20, TimeUnit.SECONDS);
    assertThat(rest(client)).isEqualTo(text + "|FIN");
    passes(client, server, "late");
    client.close();
    assertThat(rest(server)).isEqualTo("|FIN");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLOSED);
  }

  static Stream<Arguments> sizes() {
    return Stream.of(FITS_A_READ, 2048, 5000, FILLS_ALL_BUFFERS)
        .flatMap(size -> Stream.of(true, false).map(clients -> Arguments.of(clients, size)));
  }

  @ParameterizedTest(name = "the client''s end: {0}, {1} bytes")
  @MethodSource("sizes")
  void after_the_end_of_one_side_as_much_as_may_be_arrives_there(boolean clients, int size)
      throws Exception {
    String text = "r".repeat(size * 10);
    open(alone());
    Socket ended = clients ? client : server;
    Socket other = clients ? server : client;
    ended.shutdownOutput();
    assertThat(rest(other)).isEqualTo("|FIN");
    CompletableFuture<Void> sent = sendAll(other, text);
    awaitSentOrStopped(sent);
    assertThat(receive(ended, text.length())).isEqualTo(text);
    sent.get(20, TimeUnit.SECONDS);
    other.close();
    assertThat(rest(ended)).isEqualTo("|FIN");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLOSED);
  }

  private static void awaitSent(CompletableFuture<Void> sent, int size) {
    Await.until(
        "all is sent, or what sockets take", () -> sent.isDone() || size == FILLS_ALL_BUFFERS);
  }

  private static void awaitSentOrStopped(CompletableFuture<Void> sent) {
    AtomicInteger checks = new AtomicInteger();
    Await.until(
        "all is sent, or stopped by backpressure",
        () -> sent.isDone() || checks.incrementAndGet() == 30);
  }

  private static CompletableFuture<Void> sendAll(Socket to, String text) {
    return CompletableFuture.runAsync(() -> unchecked(() -> send(to, text)));
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void unchecked(Step step) {
    try {
      step.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Scenario.Each(
"""
a server that speaks first is heard
  open alone; s passes ready; s closes; c ends |FIN; c closes; end CLOSED; troubles
a reset that comes together with the server's first bytes passes as one
  open alone; c passes 1; [; s sends FATAL; s resets; ]; c breaks
  end SERVER_FAILED; troubles BROKEN
the client's half-close passes and the server goes on
  open alone; c sends query; c shuts; s ends query|FIN; s passes result; s closes; c ends |FIN
  end CLOSED; troubles
the server's half-close passes and the client goes on
  open alone; s sends all; s shuts; c ends all|FIN; c passes late; c closes; s ends |FIN
  end CLOSED; troubles
a reset by the client passes as one
  open alone; c passes x; c resets; s ends |RST; end CLIENT_GONE; troubles
a reset by the server passes as one after what it sent
  open alone; s passes FATAL; s resets; c ends |RST; end SERVER_FAILED; troubles BROKEN
a reset by the server after the client's half-close is no clean end
  open alone; c shuts; s ends |FIN; s resets; c ends |RST; end SERVER_FAILED; troubles BROKEN
a reset by the server passes as one though the client's last bytes meet it
  open alone; c passes query; [; c sends last; c shuts; s sends half; s resets; ]; c ends half|RST
  end SERVER_FAILED; troubles BROKEN
clients of a master that failed are reset and the next ones reach the backup
  open failover; c passes 1; failover b; both reset; end MOVED
  connect; accept b; c passes 2
""")
  void it_ends(Scenario scenario) {
    play(scenario);
  }

  @Test
  void a_client_that_was_gone_before_it_was_accepted_is_no_fault_of_the_server()
      throws IOException {
    start(alone());
    try (TcpRig.Pause pause = rig.pause()) {
      reset(rig.connect());
    }
    if (transport == Transport.EPOLL) {
      // With NIO the reset is seen only once a server is connected.
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLIENT_GONE);
      assertThat(rig.seen.connection().attempts()).isZero();
    }
    send(connect(), "next");
    Await.until("the next client is heard", () -> isHeard("next"));
    assertThat(rig.seen.troubles).isEmpty();
  }

  private boolean isHeard(String text) throws IOException {
    try (Socket server = accept(a)) {
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

  @Test
  void a_server_that_breaks_off_while_bytes_wait_for_it_is_no_clean_end() throws IOException {
    start(alone());
    SocketChannel client =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.port()));
    closing(client);
    server = accept(a);
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

  @Test
  @EnabledOnOs(OS.LINUX)
  void what_it_sent_before_passes_though_the_client_had_ended_its_output() throws Exception {
    transport = Transport.EPOLL;
    open(alone());
    // Before, the relay takes a reset for one of its attempt, and makes another.
    passes(client, server, "1");
    long sent = 0;
    while (sent <= Sockets.unread(server)) {
      send(client, "x".repeat(16_000));
      sent += 16_000;
      rig.pause().close();
    }
    client.shutdownOutput();
    rig.pause().close();
    try (TcpRig.Pause pause = rig.pause()) {
      send(server, "FATAL");
      reset(server);
    }
    assertThat(rest(client)).isEqualTo("FATAL|RST");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
  }

  @Test
  void a_client_that_writes_on_after_the_server_closed_is_reset() throws IOException {
    open(alone());
    passes(client, server, "1");
    send(server, "2");
    server.close();
    assertThat(rest(client)).isEqualTo("2|FIN");
    Thread.startVirtualThread(() -> Sockets.sendUntilRefused(client, new AtomicLong()));
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
    assertThat(rig.seen.troubles).doesNotContain(Trouble.BROKEN);
  }

  @Test
  void a_refused_connection_is_held_until_another_server_serves() throws IOException {
    TcpServer dead = new TcpServer();
    dead.close();
    start(TestPools.pool().master("a", dead.port()).backup("b", b.port()));
    send(connect(), "first");
    Await.until(
        "the refusal is reported", () -> rig.seen.troubles.contains(Trouble.CONNECT_FAILED));
    assertThat(rig.seen.details.get(0)).contains("Connection refused");
    rig.pools.failover("a", "b");
    assertThat(receive(accept(b), 5)).isEqualTo("first");
  }
}
