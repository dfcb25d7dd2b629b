package dev.understudy.testing;

import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.http1.Http1Handler;
import dev.understudy.proxy.frontend.http1.RequestCodec;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A frontend on a bare Netty server; every request takes the express lane. */
public final class NettyFrontend implements Lane {
  private final MultiThreadIoEventLoopGroup loops;
  private final Channel listening;
  private final Runnable whenClosed;

  /** Before a real engine. */
  public NettyFrontend(Setup setup) {
    this(setup, engine(setup));
  }

  private NettyFrontend(Setup setup, Engine engine) {
    this(
        new Frontend(
            engine,
            table(setup),
            setup.listener(),
            setup.trusted(),
            TestLimits.DEFAULT,
            new ErrorResponses()),
        engine::close);
  }

  /**
   * Before whatever the frontend has.
   *
   * @param whenClosed done before the server stops
   */
  public NettyFrontend(Frontend frontend, Runnable whenClosed) {
    this.whenClosed = whenClosed;
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends ServerChannel> type =
        Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    loops = new MultiThreadIoEventLoopGroup(2, io);
    listening =
        new ServerBootstrap()
            .group(loops)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    RequestCodec codec = new RequestCodec(new HttpDecoderConfig(), 100);
                    channel.pipeline().addLast("codec", new HttpServerCodec());
                    codec.replace(channel.pipeline(), "codec");
                    channel.pipeline().addLast(new Http1Handler(frontend, codec));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  private static Engine engine(Setup setup) {
    return Engines.create(
        setup.snapshots(),
        setup.reports(),
        setup.listener(),
        setup.trusted(),
        setup.tls(),
        setup.tunnels());
  }

  private static Supplier<RouteTable> table(Setup setup) {
    String[] filters =
        setup.prefer() == null ? new String[0] : new String[] {"PreferServer=" + setup.prefer()};
    RouteTable table =
        RouteCompiler.compile(
            List.of(TestRoutes.route("test", "pool://" + setup.pool(), "Path=/**", filters)),
            List.of());
    return () -> table;
  }

  @Override
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  @Override
  public void close() {
    whenClosed.run();
    listening.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
