package dev.understudy.testing;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.TlsOffer;
import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.snapshot.TrafficReports;
import dev.understudy.traffic.TrafficListener;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.function.Function;

/** A running way for requests into the engine. One table of tests is run on each. */
public interface Lane extends AutoCloseable {
  /** Where it listens, on 127.0.0.1. */
  int port();

  /** What is spoken there. */
  default Protocol protocol() {
    return Protocol.HTTP_1_1;
  }

  /** As when the process stops: what runs may do so for that time. */
  default void stop(Duration grace) {
    throw new UnsupportedOperationException();
  }

  @Override
  void close();

  /**
   * What a lane is started with: every request goes to one pool.
   *
   * @param prefer {@code PreferServer}; null: none
   */
  record Setup(
      SnapshotSource snapshots,
      TrafficReports reports,
      TrafficListener listener,
      PoolId pool,
      ServerId prefer,
      TrustedProxies trusted,
      Function<TlsOffer, SslContext> tls,
      TunnelFactory tunnels) {}

  /** Starts lanes of one kind. */
  interface Factory {
    Lane start(Setup setup);
  }
}
