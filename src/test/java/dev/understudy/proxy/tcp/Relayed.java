package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** Relayed connections to two servers, "a" and "b"; all that a test opens is closed after it. */
abstract class Relayed {
  @Parameter Transport transport = Transport.available().getLast();
  TcpServer a;
  TcpServer b;
  TcpRig rig;

  /** The ends of the connection that {@link #open} relays. */
  Socket client;

  Socket server;
  private final Deque<Closeable> open = new ArrayDeque<>();

  @BeforeEach
  void listen() throws IOException {
    a = new TcpServer();
    b = new TcpServer();
  }

  @AfterEach
  void closeAll() throws IOException {
    for (Closeable each : open) {
      each.close();
    }
    if (rig != null) {
      rig.close();
    }
    a.close();
    b.close();
  }

  TestPools.Builder alone() {
    return TestPools.pool().master("a", a.port());
  }

  TestPools.Builder failover() {
    return alone().backup("b", b.port());
  }

  TestPools.Builder balance() {
    return alone().master("b", b.port()).balance();
  }

  void start(TestPools.Builder pool) {
    rig = new TcpRig(transport, pool.start());
  }

  /** Starts the relay, and relays one connection to "a". */
  void open(TestPools.Builder pool) throws IOException {
    start(pool);
    client = connect();
    server = accept(a);
  }

  Socket connect() throws IOException {
    return closing(rig.connect());
  }

  Socket accept(TcpServer by) throws IOException {
    return closing(by.accept());
  }

  <T extends Closeable> T closing(T socket) {
    open.addFirst(socket);
    return socket;
  }

  void awaitHeld() {
    Await.until("it is held", () -> rig.seen.held.get() == 1);
  }

  static void passes(Socket from, Socket to, String bytes) throws IOException {
    send(from, bytes);
    assertThat(receive(to, bytes.length())).isEqualTo(bytes);
  }

  void assertBothReset() throws IOException {
    assertThat(rest(client)).isEqualTo("|RST");
    assertThat(rest(server)).isEqualTo("|RST");
  }

  static void exchange(Socket client, Socket server) throws IOException {
    passes(client, server, "?");
    passes(server, client, "!");
  }
}
