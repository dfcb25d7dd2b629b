package dev.understudy.proxy.listener;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.handover.Inheritance;
import dev.understudy.proxy.frontend.ConnectionLimits;
import dev.understudy.testing.TestLimits;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServer;

/** Sockets that do not accept yet, and ports that somebody else takes before they are opened. */
class LoopSocketsTest {
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());

  private final List<InetSocketAddress> tried = new ArrayList<>();

  @AfterEach
  void end() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Fails so many times first. */
  private void open(int port, int failures) {
    LoopSockets.open(
        "main",
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        loops,
        Inheritance.none(),
        (address, place) -> {
          tried.add(address);
          if (tried.size() <= failures) {
            throw new IllegalStateException("Address already in use");
          }
          return new EmbeddedChannel();
        });
  }

  @Test
  void a_free_one_is_replaced_by_another() {
    open(0, 1);
    assertThat(tried).hasSize(3).allMatch(address -> address.getPort() > 0);
    assertThat(tried.get(1)).isEqualTo(tried.get(2));
  }

  @Test
  void five_free_ones_are_tried() {
    assertThatThrownBy(() -> open(0, 5)).isInstanceOf(IllegalStateException.class);
    assertThat(tried).hasSize(5);
  }

  @Test
  void one_that_is_set_is_tried_once() throws Exception {
    int port;
    try (ServerSocket found = new ServerSocket(0)) {
      port = found.getLocalPort();
    }
    assertThatThrownBy(() -> open(port, 1)).isInstanceOf(IllegalStateException.class);
    assertThat(tried).hasSize(1);
  }

  @Test
  void a_connection_that_came_before_is_accepted_and_counted_only_then() throws Exception {
    ConnectionLimits limits = new ConnectionLimits(TestLimits.DEFAULT, limit -> {});
    AtomicInteger accepted = new AtomicInteger();
    LoopSockets sockets =
        LoopSockets.open(
            "main",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            loops,
            Inheritance.none(),
            HttpServer.create()
                .doOnConnection(connection -> accepted.incrementAndGet())
                .handle((request, response) -> response.sendString(Mono.just("here"))));
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), sockets.port())) {
      // All that has come by now is handled.
      for (int i = 0; i < 2; i++) {
        loops.forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
      }
      assertThat(accepted).hasValue(0);

      sockets.accept(limits, true, new ListeningSockets());

      client.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
      assertThat(client.getInputStream().read()).isEqualTo('H');
      assertThat(accepted).hasValue(1);
      assertThat(limits.connections()).isOne();
    } finally {
      sockets.close().join();
    }
  }
}
