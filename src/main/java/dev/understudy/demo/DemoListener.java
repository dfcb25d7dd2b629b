package dev.understudy.demo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP listener on 127.0.0.1 that accepts and serves on one thread, so that it can be shut and
 * frozen as a whole. Its methods except {@link #port} are for one caller at a time, outside its own
 * event loop.
 */
final class DemoListener implements AutoCloseable {
  private static final int MAX_BODY = 64 * 1024;

  private final EventLoopGroup group;
  private final EventLoop loop;

  /** Accessed on the event loop only. */
  private final Set<Channel> connections = new HashSet<>();

  /** A free one, chosen at the first {@link #open} and kept; 0 before. */
  private volatile int port;

  private @Nullable Channel listening;
  private @Nullable CountDownLatch thaw;

  DemoListener(String name) {
    group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("demo-" + name, true), NioIoHandler.newFactory());
    loop = group.next();
  }

  int port() {
    return port;
  }

  /**
   * Starts to listen.
   *
   * @param application creates the last handlers of each connection, which get complete requests
   * @throws IllegalStateException if the port is taken
   */
  void open(Supplier<ChannelHandler[]> application) {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    keep(connection);
                    connection
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(),
                            new HttpServerKeepAliveHandler(),
                            new HttpObjectAggregator(MAX_BODY))
                        .addLast(application.get());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IllegalStateException(
          "cannot listen on port " + port + ": " + bound.cause().getMessage(), bound.cause());
    }
    Channel channel = bound.channel();
    listening = channel;
    port = ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private void keep(Channel connection) {
    connections.add(connection);
    connection.closeFuture().addListener(closed -> connections.remove(connection));
  }

  /**
   * Closes the listening socket and resets every connection, as the kernel does for a killed
   * process. Even a frozen listener responds to no further request.
   */
  void shut() {
    Channel channel = listening;
    if (channel == null) {
      return;
    }
    listening = null;
    // Waits in the queue of a frozen loop, and so precedes anything that the loop could read.
    Promise<Void> gone = loop.newPromise();
    loop.execute(() -> reset(channel, gone));
    thaw();
    gone.syncUninterruptibly();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // closes on their own event loop are done at once
  private void reset(Channel channel, Promise<Void> gone) {
    channel.close();
    for (Channel connection : Set.copyOf(connections)) {
      connection.config().setOption(ChannelOption.SO_LINGER, 0);
      connection.close();
    }
    // NIO releases a socket only when it next selects; a timer fires after that.
    loop.schedule(() -> gone.setSuccess(null), 0, TimeUnit.NANOSECONDS);
  }

  /**
   * Blocks the event loop until {@link #thaw}; returns once it is blocked. The kernel still accepts
   * connections, as it does for a stopped process.
   */
  void freeze() {
    if (thaw != null) {
      return;
    }
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch until = new CountDownLatch(1);
    thaw = until;
    loop.execute(
        () -> {
          blocked.countDown();
          await(until);
        });
    await(blocked);
  }

  /** Ends a freeze; data received meanwhile is then served. */
  void thaw() {
    CountDownLatch until = thaw;
    if (until != null) {
      thaw = null;
      until.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    shut();
    thaw();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
