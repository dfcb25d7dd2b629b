package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.understudy.proxy.http.Embedded;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CorkedCloseTest {
  private static final int MORE_THAN_SOCKETS_HOLD = 32 * 1024 * 1024;

  /** Its client reads nothing at first. */
  private static final class Stuck extends EmbeddedChannel {
    private boolean reads;

    Stuck() {
      super(new ChannelInboundHandlerAdapter());
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (reads) {
        super.doWrite(in);
      }
    }
  }

  private final Stuck channel = new Stuck();

  @AfterEach
  void nothing_is_left() {
    channel.finishAndReleaseAll();
  }

  private ChannelHandlerContext written(String text) {
    ChannelHandlerContext ctx = channel.pipeline().firstContext();
    ctx.write(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), ctx.voidPromise());
    return ctx;
  }

  private String left() {
    return String.join("|", Embedded.written(channel));
  }

  @Test
  void bytes_that_leave_at_once_are_all_that_is_written() {
    channel.reads = true;
    Http1RemainingBody.flushAndClose(written("answer"));
    assertThat(channel.isOpen()).isFalse();
    assertThat(left()).isEqualTo("answer");
  }

  @Test
  void bytes_that_do_not_leave_at_once_do_so_before_the_end() {
    Http1RemainingBody.flushAndClose(written("answer"));
    assertThat(channel.isOpen()).isTrue();
    assertThat(left()).isEmpty();
    channel.reads = true;
    channel.flush();
    assertThat(left()).startsWith("answer");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void nothing_is_asked_of_a_channel_that_has_closed() {
    ChannelHandlerContext ctx = channel.pipeline().firstContext();
    channel.close();
    Http1RemainingBody.flushAndClose(ctx);
    assertThat(left()).isEmpty();
  }

  @Test
  void more_than_sockets_hold_arrives_whole_before_the_end() throws Exception {
    assumeTrue(Epoll.isAvailable());
    var loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      Channel server =
          new ServerBootstrap()
              .group(loop)
              .channel(EpollServerSocketChannel.class)
              .childHandler(
                  new ChannelInboundHandlerAdapter() {
                    @Override
                    public boolean isSharable() {
                      return true;
                    }

                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                      ctx.write(
                          Unpooled.wrappedBuffer(new byte[MORE_THAN_SOCKETS_HOLD]),
                          ctx.voidPromise());
                      Http1RemainingBody.flushAndClose(ctx);
                    }
                  })
              .bind("127.0.0.1", 0)
              .sync()
              .channel();
      try (Socket client = new Socket()) {
        client.connect(server.localAddress());
        assertThat(client.getInputStream().readAllBytes()).hasSize(MORE_THAN_SOCKETS_HOLD);
      }
    } finally {
      loop.shutdownGracefully().sync();
    }
  }
}
