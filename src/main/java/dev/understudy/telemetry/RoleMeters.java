package dev.understudy.telemetry;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.text.Words;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * {@code understudy_server_info} of one pool's servers: always 1, with the configured role as a
 * label. Other series join it; with a role label of their own they would become new series at each
 * change of role.
 *
 * <p>Not safe for concurrent writers.
 */
final class RoleMeters {
  private record Key(ServerId server, Rank rank) {}

  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<Key, Meter> meters = new HashMap<>();

  /**
   * Creates an object without meters.
   *
   * @param tags the pool's tags
   */
  RoleMeters(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
  }

  /** Registers one meter for each server with its present role and removes all others. */
  void configured(Pool pool) {
    Set<Key> wanted = new HashSet<>();
    for (Server server : pool.servers()) {
      wanted.add(new Key(server.id(), server.rank()));
    }
    meters.entrySet().removeIf(entry -> !wanted.contains(entry.getKey()) && gone(entry.getValue()));
    wanted.forEach(key -> meters.computeIfAbsent(key, this::register));
  }

  /** Removes all meters, because the pool was removed. */
  void remove() {
    meters.values().removeIf(this::gone);
  }

  private boolean gone(Meter meter) {
    registry.remove(meter);
    return true;
  }

  private Meter register(Key key) {
    return Gauge.builder("understudy.server.info", () -> 1)
        .description("The role that a server is configured for")
        .tags(tags.and("server", key.server().value(), "role", Words.lower(key.rank())))
        .register(registry);
  }
}
