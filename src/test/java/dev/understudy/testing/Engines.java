package dev.understudy.testing;

import dev.understudy.pool.TlsOffer;
import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.session.StickyKey;
import dev.understudy.proxy.upstream.ServerLimits;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.snapshot.TrafficReports;
import dev.understudy.traffic.TrafficListener;
import io.netty.handler.ssl.SslContext;
import java.util.function.Function;

/** Engines with the default limits, sticky key and error pages. */
public final class Engines {
  private Engines() {}

  public static Engine create(
      SnapshotSource snapshots,
      TrafficReports reports,
      TrafficListener listener,
      TrustedProxies trusted,
      Function<TlsOffer, SslContext> tls,
      TunnelFactory tunnels) {
    return new Engine(
        snapshots,
        reports,
        listener,
        trusted,
        tls,
        tunnels,
        ServerLimits.DEFAULT,
        StickyKey.DERIVED,
        new ErrorResponses(),
        null);
  }
}
