package dev.understudy.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.understudy.testing.Await;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Netty makes of sockets on which it did not act itself. */
class EpollSocketOperationsTest {
  private final CopyOnWriteArrayList<Throwable> failures = new CopyOnWriteArrayList<>();
  private MultiThreadIoEventLoopGroup loops;
  private ServerSocket listening;

  @BeforeEach
  void listen() throws IOException {
    assumeTrue(Epoll.isAvailable());
    loops =
        new MultiThreadIoEventLoopGroup(
            1, Thread.ofPlatform().daemon().factory(), EpollIoHandler.newFactory());
    listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void nothing_has_failed() throws IOException {
    if (listening != null) {
      listening.close();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
    assertThat(failures).isEmpty();
  }

  /** A channel that reads when it is told to, and the socket at its other end. */
  private final class Pair implements AutoCloseable {
    final EpollSocketChannel channel;
    final Socket peer;

    Pair() throws IOException {
      InetSocketAddress to = (InetSocketAddress) listening.getLocalSocketAddress();
      channel =
          (EpollSocketChannel)
              new Bootstrap()
                  .group(loops)
                  .channelFactory(() -> EpollSocketOperations.forAddress(to))
                  .option(ChannelOption.AUTO_READ, false)
                  .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                  .handler(new Failures())
                  .connect(to)
                  .syncUninterruptibly()
                  .channel();
      peer = listening.accept();
      peer.setSoTimeout(20_000);
    }

    void send(String text) {
      channel
          .writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII))
          .syncUninterruptibly();
    }

    @Override
    public void close() throws IOException {
      peer.close();
      channel.close().syncUninterruptibly();
    }
  }

  private final class Failures extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failures.add(cause);
    }
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loops.next().submit(task).get();
  }

  @Test
  void a_channel_closed_below_is_closed_and_its_descriptor_serves_the_next() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Pair pair = new Pair()) {
        pair.send("a");
        assertThat(pair.peer.getInputStream().read()).isEqualTo('a');
        onLoop(
            () -> {
              EpollSocketOperations.close(pair.channel);
              assertThat(pair.channel.isOpen()).isFalse();
              return null;
            });
        assertThat(pair.peer.getInputStream().read()).isEqualTo(-1);
        Await.until("the event loop has forgotten it", () -> !pair.channel.isRegistered());
      }
    }
  }

  @Test
  void after_an_output_shut_below_the_end_of_input_closes_the_channel() throws Exception {
    try (Pair pair = new Pair()) {
      assertThat(onLoop(() -> EpollSocketOperations.shutOutput(pair.channel))).isTrue();
      assertThat(pair.peer.getInputStream().read()).isEqualTo(-1);
      assertThat(pair.channel.isActive()).isTrue();
      pair.channel.read();
      pair.peer.close();
      Await.until("it is closed", () -> !pair.channel.isOpen());
    }
  }

  @Test
  void what_is_held_for_the_end_leaves_with_it() throws Exception {
    try (Pair pair = new Pair()) {
      onLoop(
          () -> {
            EpollSocketOperations.holdForEnd(pair.channel);
            return null;
          });
      pair.send("b");
      assertThat(onLoop(() -> EpollSocketOperations.shutOutput(pair.channel))).isTrue();
      assertThat(pair.peer.getInputStream().readAllBytes()).containsExactly('b');
    }
  }

  @Test
  void what_has_come_is_read_at_once() throws Exception {
    try (Pair pair = new Pair()) {
      assertThat(onLoop(() -> EpollSocketOperations.readNow(pair.channel))).isNull();
      pair.peer.getOutputStream().write('c');
      Await.until(
          "the byte is read",
          () ->
              onLoop(
                  () -> {
                    ByteBuf data = EpollSocketOperations.readNow(pair.channel);
                    if (data == null) {
                      return false;
                    }
                    boolean same = data.readableBytes() == 1 && data.readByte() == 'c';
                    data.release();
                    return same;
                  }));
    }
  }
}
