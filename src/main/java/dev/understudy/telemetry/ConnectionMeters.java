package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** {@code understudy_connections_total}: relayed TCP connections that ended. */
final class ConnectionMeters {
  private final MeterRegistry registry;
  private final Map<Key, Counter> counters = new ConcurrentHashMap<>();

  private record Key(
      String listener, @Nullable PoolId pool, @Nullable ServerId server, ConnectionEnd end) {}

  ConnectionMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void ended(ConnectionOutcome connection) {
    counters
        .computeIfAbsent(
            new Key(
                connection.listener(), connection.pool(), connection.server(), connection.end()),
            this::counter)
        .increment();
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
    counters
        .entrySet()
        .removeIf(
            each -> {
              PoolId pool = each.getKey().pool();
              boolean gone = pool != null && !configured.test(pool, each.getKey().server());
              if (gone) {
                registry.remove(each.getValue());
              }
              return gone;
            });
  }
}
