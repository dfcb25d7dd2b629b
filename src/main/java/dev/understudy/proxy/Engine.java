package dev.understudy.proxy;

import dev.understudy.monitor.SnapshotSource;
import dev.understudy.monitor.TrafficReports;
import dev.understudy.pool.UpstreamTls;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.util.function.Function;

/** Forwards requests to servers; one in each process. */
public final class Engine implements AutoCloseable {
  /**
   * Starts to follow the snapshots.
   *
   * @param tls the client-side context for that setting; asked for each new connection to an https
   *     server, on an event loop, so it must come from memory; verification of the host name is the
   *     engine's own
   */
  public Engine(
      SnapshotSource snapshots,
      TrafficReports reports,
      ProxyListener listener,
      TrustedProxies trusted,
      Function<UpstreamTls, SslContext> tls,
      TunnelFactory tunnels) {}

  /** A new exchange, not yet started. To be called on {@code loop}, the client channel's own. */
  public Exchange exchange(ProxyRequest request, Downstream downstream, EventLoop loop) {
    return new Exchange();
  }

  /** Closes idle connections to servers and follows snapshots no longer. */
  @Override
  public void close() {}
}
