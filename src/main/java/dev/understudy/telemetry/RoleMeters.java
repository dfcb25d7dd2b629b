package dev.understudy.telemetry;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * {@code understudy_server_info} of one pool's servers: always 1, with the configured role as a
 * label, to join with the others that would otherwise be new time series when a role changes.
 *
 * <p>Not safe for threads that write at the same time.
 */
final class RoleMeters {
  private record Key(ServerId server, Rank rank) {}

  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<Key, Meter> meters = new HashMap<>();

  /**
   * Without a meter yet.
   *
   * @param tags the pool's
   */
  RoleMeters(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
  }

  /** One for each server with the role that it has now, and no others. */
  void configured(Pool pool) {
    Set<Key> wanted = new HashSet<>();
    for (Server server : pool.servers()) {
      wanted.add(new Key(server.id(), server.rank()));
    }
    meters.entrySet().removeIf(entry -> !wanted.contains(entry.getKey()) && gone(entry.getValue()));
    wanted.forEach(key -> meters.computeIfAbsent(key, this::register));
  }

  /** The pool is gone. */
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
        .tags(tags.and("server", key.server().value(), "role", word(key.rank())))
        .register(registry);
  }

  private static String word(Rank rank) {
    return rank.name().toLowerCase(Locale.ROOT);
  }
}
