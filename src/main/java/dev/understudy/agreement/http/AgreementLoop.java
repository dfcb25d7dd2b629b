package dev.understudy.agreement.http;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * One daemon event loop thread, {@code understudy-agreement}, with a resolver of names on it: a
 * data plane that stalls cannot stall agreement.
 */
public final class AgreementLoop implements AutoCloseable {
  private static final boolean EPOLL = Epoll.isAvailable();

  /** A connection that is being made when all are closed would else stay open. */
  private static final int QUIET_MILLIS = 50;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1,
          new DefaultThreadFactory("understudy-agreement", true),
          EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final DnsAddressResolverGroup resolver =
      new DnsAddressResolverGroup(
          new DnsNameResolverBuilder(loop)
              .datagramChannelType(EPOLL ? EpollDatagramChannel.class : NioDatagramChannel.class)
              .socketChannelType(EPOLL ? EpollSocketChannel.class : NioSocketChannel.class)
              .negativeTtl(0)
              .completeOncePreferredResolved(true));

  public EventLoop loop() {
    return loop;
  }

  /** The same client on the loop, its names resolved there too. It sends nothing twice. */
  public HttpClient on(HttpClient client) {
    return client
        .runOn(group)
        .resolver(resolver)
        .disableRetry(true)
        .option(ChannelOption.SO_KEEPALIVE, true);
  }

  /**
   * Connections for a client on the loop.
   *
   * @param patience how long a call waits for one
   */
  public ConnectionProvider.Builder connections(String name, Duration patience) {
    return ConnectionProvider.builder(name)
        .pendingAcquireTimeout(patience)
        // Else the time-out comes on a thread of Reactor's.
        .pendingAcquireTimer(
            (task, delay) -> {
              var timer = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
              return () -> timer.cancel(false);
            });
  }

  /**
   * Uses none of the connections to that server any more: one that stayed silent is seldom the only
   * one, as when a firewall has forgotten them all.
   */
  public static void retire(ConnectionProvider connections, URI server) {
    int implied = "https".equals(server.getScheme()) ? 443 : 80;
    int port = server.getPort() < 0 ? implied : server.getPort();
    connections.disposeWhen(InetSocketAddress.createUnresolved(server.getHost(), port));
  }

  /** Runs it on the loop: at once if that is the calling thread's, and never once closed. */
  public void run(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    var unused = later(task);
  }

  /**
   * Runs it on the loop, after what runs there now.
   *
   * @return false: never, as it is closed
   */
  public boolean later(Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Closes all channels, and waits up to 2 s for the thread's end unless called on it. */
  @Override
  public void close() {
    resolver.close();
    var ended = group.shutdownGracefully(QUIET_MILLIS, 1000, TimeUnit.MILLISECONDS);
    if (!loop.inEventLoop()) {
      ended.awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
  }
}
