package dev.understudy.proxy.upstream;

import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxy.flowcontrol.WindowBudget;
import dev.understudy.proxy.http.ReadSize;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's connections to one incarnation of a server, and what it knows of the server's
 * reachability.
 */
public final class ConnectionPool {
  private final ServerState server;
  private final InetSocketAddress address;
  private final ServerTraffic traffic;
  private final UpstreamTls tlsSettings;
  private final Function<TlsOffer, SslContext> contexts;
  private final ServerLimits limits;
  private final WindowBudget windows;
  private final EventLoop loop;
  private final Bootstrap bootstrap;
  private final IdleConnections idle;
  private final ConnectBackoff backoff;

  /** Null if the pool's servers are spoken to in HTTP/1.1. */
  private final @Nullable Http2Connections http2;

  private long silenceReportedAtClock = Long.MIN_VALUE / 2;

  public ConnectionPool(
      ServerState server,
      InetSocketAddress address,
      PoolState pool,
      EventLoop loop,
      Class<? extends Channel> channelType,
      Function<TlsOffer, SslContext> contexts,
      ServerLimits limits,
      UpstreamSockets sockets,
      WindowBudget windows) {
    this.server = server;
    this.address = address;
    this.traffic = server.traffic();
    this.tlsSettings = pool.pool().settings().tls();
    this.http2 = pool.pool().settings().http2() ? new Http2Connections(this) : null;
    this.contexts = contexts;
    this.limits = limits;
    this.windows = windows;
    this.loop = loop;
    this.idle = new IdleConnections(keepAliveNanos(pool));
    this.backoff = new ConnectBackoff(pool.pool());
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(() -> ReadSize.on(sockets.make(() -> SocketTypes.make(channelType))))
            .disableResolver()
            .option(ChannelOption.AUTO_READ, false)
            // See FailedWrites.
            .option(ChannelOption.AUTO_CLOSE, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
  }

  public ServerState server() {
    return server;
  }

  public ConnectBackoff backoff() {
    return backoff;
  }

  boolean tls() {
    return server.server().address().tls();
  }

  WindowBudget windows() {
    return windows;
  }

  ServerLimits limits() {
    return limits;
  }

  IdleConnections idle() {
    return idle;
  }

  /** Whether the pool's settings still ask for what its connections were made for. */
  public boolean isFor(PoolState pool) {
    return pool.pool().settings().http2() == (http2 != null)
        && keepAliveNanos(pool) == idle.maxAgeNanos();
  }

  private static long keepAliveNanos(PoolState pool) {
    return pool.pool().settings().timeouts().keepAlive().toNanos();
  }

  /**
   * Takes an open connection.
   *
   * @param maxAgeNanos the longest idleness of an HTTP/1 connection, within that of the pool; over
   *     HTTP/2 a server that ends an idle connection says which requests it has processed
   * @return null if there is none
   */
  public @Nullable UpstreamConnection take(
      UpstreamConnection.User user, long maxAgeNanos, long nowNanos) {
    if (http2 != null && !http2.isHttp1()) {
      return http2.take(user, nowNanos);
    }
    Http1Connection taken = idle.take(user.client(), maxAgeNanos, nowNanos);
    if (taken != null) {
      taken.take(user);
    }
    return taken;
  }

  /**
   * Takes an open connection that belongs to the user's client, however long it has been idle: only
   * there is the client authenticated.
   *
   * @return null if there is none
   */
  public @Nullable UpstreamConnection takeOwned(UpstreamConnection.User user) {
    Http1Connection taken = idle.takeOwned(user.client());
    if (taken != null) {
      taken.take(user);
    }
    return taken;
  }

  /**
   * Creates a connection, not yet opened.
   *
   * @param upgrade whether the request asks for another protocol, which HTTP/2 has no way to say
   * @param replayable whether it may be replayed, as far as is known
   */
  public UpstreamConnection connection(
      UpstreamConnection.User user, boolean upgrade, boolean replayable) {
    return http2 == null || http2.isHttp1() || upgrade
        ? new Http1Connection(this, user)
        : new Http2Stream(this, http2, user, replayable);
  }

  /** Closes the connections that have been idle for too long; pings silent ones. */
  public void sweep(long nowNanos) {
    idle.sweep(nowNanos);
    if (http2 != null) {
      http2.sweep(nowNanos);
    }
  }

  /** Whether there is anything to sweep. */
  public boolean needsSweep() {
    return !idle.isEmpty() || (http2 != null && !http2.isEmpty());
  }

  /** Closes all idle connections, to make room for others. */
  public void closeIdle() {
    idle.drop();
    if (http2 != null) {
      http2.closeIdle();
    }
  }

  /** Closes all idle connections, and each other one at the end of its use. */
  public void close() {
    idle.close();
    if (http2 != null) {
      http2.close();
    }
  }

  /** Records that bytes have arrived; returns the time, by {@link System#nanoTime}. */
  long bytesArrived() {
    long now = System.nanoTime();
    traffic.byteReceived(now);
    return now;
  }

  /** Opens a connection; its user is called, possibly before this method returns. */
  void open(Http1Connection connection) {
    ChannelFuture connecting =
        connect(
            http2 == null ? List.of() : UpstreamTlsHandlers.HTTP_1,
            channel -> connection.install(channel.pipeline()));
    connection.opening(connecting.channel());
    whenDone(connecting, connection::opened);
  }

  /** Opens an HTTP/2 connection, or one for which the server chooses HTTP/1.1. */
  void open(Http2Connection connection) {
    whenDone(connect(UpstreamTlsHandlers.EITHER, connection::install), connection::opened);
  }

  /**
   * Connects to the server.
   *
   * @param protocols offered by ALPN
   * @param install adds the HTTP handlers, after TLS
   */
  private ChannelFuture connect(List<String> protocols, Consumer<Channel> install) {
    return bootstrap
        .clone()
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                if (tls()) {
                  channel.pipeline().addLast(tlsHandler(channel, protocols));
                }
                install.accept(channel);
              }
            })
        .connect(address);
  }

  /**
   * Passes on how an attempt to connect ended.
   *
   * @param opened takes the cause of a failure, null for none
   */
  private void whenDone(ChannelFuture connecting, Consumer<@Nullable Throwable> opened) {
    if (connecting.cause() != null) {
      // Netty would report a failure to create a socket on a thread of its own, which may be one
      // more that the machine has no means for. Not within the caller, who is opening.
      loop.execute(() -> opened.accept(connecting.cause()));
    } else {
      connecting.addListener((ChannelFutureListener) done -> opened.accept(done.cause()));
    }
  }

  /**
   * Creates the TLS handler.
   *
   * @param protocols offered by ALPN
   */
  private SslHandler tlsHandler(Channel channel, List<String> protocols) {
    return UpstreamTlsHandlers.create(
        contexts.apply(new TlsOffer(tlsSettings, protocols)),
        tlsSettings,
        server.server().address(),
        channel);
  }

  /**
   * Whether silence of the server may be reported, at most once per interval; counts as the report.
   */
  public boolean mayReportSilence(long clock, long intervalNanos) {
    if (clock - silenceReportedAtClock < intervalNanos) {
      return false;
    }
    silenceReportedAtClock = clock;
    return true;
  }

  /** Whether the server has sent no byte for that long, on any connection of this process. */
  public boolean isSilent(long nowNanos, long forNanos) {
    return nowNanos - traffic.lastByteNanos() >= forNanos;
  }
}
