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
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * One daemon event loop thread with a name resolver on it: a stalled data plane cannot stall
 * agreement.
 */
public final class AgreementLoop implements AutoCloseable {
  /** The thread of a register. */
  public static final String THREAD = "understudy-agreement";

  private static final boolean EPOLL = Epoll.isAvailable();

  /**
   * The time before a shutdown; without it a connection that is being established when all are
   * closed would stay open.
   */
  private static final int QUIET_MILLIS = 50;

  private final EventLoopGroup group;
  private final EventLoop loop;
  private final DnsAddressResolverGroup resolver;

  /**
   * Starts a loop.
   *
   * @param thread its name
   */
  public AgreementLoop(String thread) {
    group =
        new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory(thread, true),
            EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    loop = group.next();
    resolver =
        new DnsAddressResolverGroup(
            new DnsNameResolverBuilder(loop)
                .datagramChannelType(EPOLL ? EpollDatagramChannel.class : NioDatagramChannel.class)
                .socketChannelType(EPOLL ? EpollSocketChannel.class : NioSocketChannel.class)
                .negativeTtl(0)
                .completeOncePreferredResolved(true));
  }

  public EventLoop loop() {
    return loop;
  }

  /** Binds a client to the loop, name resolution included, without retries of its own. */
  HttpClient on(HttpClient client) {
    return client
        .runOn(group)
        .resolver(resolver)
        .disableRetry(true)
        .option(ChannelOption.SO_KEEPALIVE, true);
  }

  /**
   * Creates a connection pool for a client on the loop.
   *
   * @param timeout time for which a call waits for a connection
   */
  ConnectionProvider.Builder connections(String name, Duration timeout) {
    return ConnectionProvider.builder(name)
        .pendingAcquireTimeout(timeout)
        // By default the time-out fires on one of Reactor's threads.
        .pendingAcquireTimer(
            (task, delay) -> {
              var timer = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
              return () -> timer.cancel(false);
            });
  }

  /** Runs {@code task} on the loop: at once if called there, and never once closed. */
  public void run(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    var unused = later(task);
  }

  /**
   * Runs {@code task} on the loop after the current task.
   *
   * @return false if the loop is closed, and the task never runs
   */
  public boolean later(Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Closes all channels; waits up to 2 s for the thread's end, unless called on it. */
  @Override
  public void close() {
    resolver.close();
    var ended = group.shutdownGracefully(QUIET_MILLIS, 1000, TimeUnit.MILLISECONDS);
    if (!loop.inEventLoop()) {
      ended.awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
  }
}
