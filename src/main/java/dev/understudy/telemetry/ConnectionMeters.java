package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
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

  /** Receives the counts of the connections that share pool, server and end. */
  @FunctionalInterface
  interface Visitor {
    void visit(
        @Nullable PoolId pool,
        @Nullable ServerId server,
        ConnectionEnd end,
        long ended,
        long bytesIn,
        long bytesOut);
  }

  ConnectionMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void ended(ConnectionOutcome connection) {
    Series series =
        all.computeIfAbsent(
            new Key(
                connection.listener(), connection.pool(), connection.server(), connection.end()),
            this::series);
    series.ended().increment();
    series.bytesIn().add(connection.bytesIn());
    series.bytesOut().add(connection.bytesOut());
  }

  /** Passes on all counts; not an atomic reading of all of them. */
  void forEach(Visitor visitor) {
    all.forEach(
        (key, series) ->
            visitor.visit(
                key.pool(),
                key.server(),
                key.end(),
                Math.round(series.ended().count()),
                series.bytesIn().sum(),
                series.bytesOut().sum()));
  }

  private Series series(Key key) {
    return new Series(counter(key), new LongAdder(), new LongAdder());
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
