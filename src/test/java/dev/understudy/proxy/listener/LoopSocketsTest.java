package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.handover.Inheritance;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ports that somebody else takes between the look whether they are free and their opening. */
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
}
