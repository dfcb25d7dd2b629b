package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestTotals;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** {@code understudy_connections_total}: relayed TCP connections that ended. */
final class ConnectionMeters {
  private final MeterRegistry registry;
  private final Map<Key, Series> all = new ConcurrentHashMap<>();

  private record Key(
      String listener, @Nullable PoolId pool, @Nullable ServerId server, ConnectionEnd end) {}

  /** What is counted of the connections that share all labels; bytes are of those that ended. */
  private record Series(Counter ended, LongAdder bytesIn, LongAdder bytesOut) {}

  ConnectionMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void ended(ConnectionOutcome connection) {
    Series series =
        all.computeIfAbsent(
            new Key(
                connection.listener(), connection.pool(), connection.server(), connection.end()),
            key -> new Series(counter(key), new LongAdder(), new LongAdder()));
    series.ended().increment();
    series.bytesIn().add(connection.bytesIn());
    series.bytesOut().add(connection.bytesOut());
  }

  /**
   * Passes on all counts: a connection is one request without a response, and one that failed
   * counts as 5xx.
   */
  void visit(RequestTotals.Visitor visitor) {
    long[] one = new long[RequestSeries.BUCKET_COUNT];
    all.forEach(
        (key, series) -> {
          one[0] = Math.round(series.ended().count());
          boolean failed = failed(key.end());
          visitor.visit(
              null,
              key.pool(),
              key.server(),
              failed ? 5 : 0,
              failed ? RequestEnd.TUNNEL_BROKEN : RequestEnd.TUNNEL_CLOSED,
              one,
              series.bytesIn().sum(),
              series.bytesOut().sum());
        });
  }

  private static boolean failed(ConnectionEnd end) {
    return switch (end) {
      case SERVER_FAILED, NO_SERVER, HOLD_FULL -> true;
      case CLOSED, CLIENT_GONE, MOVED, IDLE, MAINTENANCE, STOPPING, REFUSED -> false;
    };
  }

  private Counter counter(Key key) {
    return Counter.builder("understudy.connections")
        .description("Relayed TCP connections that ended")
        .tag("listener", key.listener())
        .tag("pool", key.pool() == null ? RequestMeters.NONE : key.pool().value())
        .tag("server", key.server() == null ? RequestMeters.NONE : key.server().value())
        .tag("outcome", key.end().name())
        .register(registry);
  }

  /** Removes the counters of pools and servers that are not configured any more. */
  void removeUnless(BiPredicate<PoolId, @Nullable ServerId> configured) {
    all.entrySet()
        .removeIf(
            each -> {
              PoolId pool = each.getKey().pool();
              boolean gone = pool != null && !configured.test(pool, each.getKey().server());
              if (gone) {
                registry.remove(each.getValue().ended());
              }
              return gone;
            });
  }
}
