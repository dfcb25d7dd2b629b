package dev.understudy.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.understudy.testing.TestLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On real sockets, set up as Reactor Netty does. */
class AcceptHandlerTest {
  private final CompletableFuture<Integer> read = new CompletableFuture<>();
  private final CompletableFuture<Boolean> sendsAtOnce = new CompletableFuture<>();
  private EventLoopGroup loops;
  private InetSocketAddress address;

  @BeforeEach
  void listen() {
    assumeTrue(Epoll.isAvailable());
    loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    Channel server =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(new Silent())
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    ConnectionLimits limits = new ConnectionLimits(TestLimits.DEFAULT, limit -> {});
    server.eventLoop().submit(() -> limits.listen(server, true)).syncUninterruptibly();
    address = (InetSocketAddress) server.localAddress();
  }

  @AfterEach
  void stop() {
    if (loops != null) {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  /** Never asks for anything. */
  private final class Silent extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      sendsAtOnce.complete(ctx.channel().config().getOption(ChannelOption.TCP_NODELAY));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf bytes = (ByteBuf) msg;
      read.complete(bytes.readableBytes());
      bytes.release();
    }
  }

  @Test
  void a_clients_first_bytes_are_read_before_a_handler_asks() throws Exception {
    try (Socket client = new Socket(address.getAddress(), address.getPort())) {
      client.getOutputStream().write(1);
      assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(1);
    }
  }

  /** The listener relies on it, and does not set it again. */
  @Test
  void netty_lets_accepted_sockets_send_at_once_by_itself() throws Exception {
    try (Socket client = new Socket(address.getAddress(), address.getPort())) {
      assertThat(sendsAtOnce.get(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
