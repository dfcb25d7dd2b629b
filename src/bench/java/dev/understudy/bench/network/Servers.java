package dev.understudy.bench.network;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The servers behind the proxies, in this process: HTTP/1.1, HTTP/2 and plain TCP. */
final class Servers implements AutoCloseable {
  /** Windows of HTTP/2 in bytes: none of these servers holds back a sender. */
  static final int WINDOW = 64 << 20;

  /** What all bulk consists of. */
  static final ByteBuf ZEROS =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeZero(Sizes.PIECE));

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
  private final Channel http1;
  private final Channel http2;
  private final Channel tcp;

  Servers() {
    http1 = listen(channel -> channel.pipeline().addLast(new HttpServerCodec(), new HttpServer()));
    http2 = listen(Servers::http2);
    tcp = listen(channel -> channel.pipeline().addLast(new TcpServer()));
  }

  private static void http2(Channel channel) {
    channel
        .pipeline()
        .addLast(
            Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings().initialWindowSize(WINDOW))
                .build(),
            new Http2MultiplexHandler(
                initializer(
                    stream ->
                        stream
                            .pipeline()
                            .addLast(
                                new Http2StreamFrameToHttpObjectCodec(true), new HttpServer()))),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
              }
            });
    channel.write(new DefaultHttp2WindowUpdateFrame(WINDOW));
  }

  private Channel listen(Consumer<Channel> accepted) {
    return new ServerBootstrap()
        .group(loops)
        .channel(EpollServerSocketChannel.class)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(initializer(accepted))
        .bind("127.0.0.1", 0)
        .syncUninterruptibly()
        .channel();
  }

  private static ChannelHandler initializer(Consumer<Channel> accepted) {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        accepted.accept(channel);
      }
    };
  }

  /** HTTP/1.1 and WebSockets. */
  int http1Port() {
    return port(http1);
  }

  /** HTTP/2 by prior knowledge. */
  int http2Port() {
    return port(http2);
  }

  int tcpPort() {
    return port(tcp);
  }

  private static int port(Channel listening) {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
