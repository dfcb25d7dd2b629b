package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code understudy_requests_seconds}, with a timer for each combination of labels that occurred,
 * found again by one look into a map.
 *
 * <p>Labels only take values that the configuration names. What ends after its route, pool or
 * server was removed is counted under {@value #NONE}.
 */
final class RequestMeters {
  /** Stands where there is no route, pool or server; none of these can be called so. */
  static final String NONE = "-";

  private static final String[] CLASSES = {NONE, "1xx", "2xx", "3xx", "4xx", "5xx"};

  private record Key(
      @Nullable String route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int statusClass,
      Enum<?> outcome) {

    /** Written out because a record's own is slow, and this is asked for with each request. */
    @Override
    public int hashCode() {
      int names = Objects.hashCode(route) * 31 + Objects.hashCode(pool);
      return ((names * 31 + Objects.hashCode(server)) * 31 + statusClass) * 31 + outcome.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key
          && statusClass == key.statusClass
          && outcome.equals(key.outcome)
          && Objects.equals(route, key.route)
          && Objects.equals(pool, key.pool)
          && Objects.equals(server, key.server);
    }
  }

  private final MeterRegistry registry;
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private final Map<Key, Timer> timers = new ConcurrentHashMap<>();
  private volatile @Nullable Set<String> routes;

  /**
   * Without a timer yet.
   *
   * @param configured whether there is such a pool now and, if one is given, such a server in it
   */
  RequestMeters(MeterRegistry registry, BiPredicate<PoolId, @Nullable ServerId> configured) {
    this.registry = registry;
    this.configured = configured;
  }

  void ended(
      @Nullable String route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      Enum<?> outcome,
      long durationNanos) {
    Key key = new Key(route, pool, server, statusClass(status), outcome);
    Timer timer = timers.get(key);
    if (timer == null) {
      Key known = known(key);
      timer = timers.computeIfAbsent(known, this::register);
    }
    timer.record(durationNanos, TimeUnit.NANOSECONDS);
  }

  private static int statusClass(int status) {
    return status >= 100 && status < 600 ? status / 100 : 0;
  }

  private Key known(Key key) {
    PoolId pool = key.pool() != null && configured.test(key.pool(), null) ? key.pool() : null;
    ServerId server =
        pool != null && key.server() != null && configured.test(pool, key.server())
            ? key.server()
            : null;
    String route = isRoute(key.route()) ? key.route() : null;
    return new Key(route, pool, server, key.statusClass(), key.outcome());
  }

  private boolean isRoute(@Nullable String route) {
    Set<String> now = routes;
    return route != null && (now == null || now.contains(route));
  }

  private Timer register(Key key) {
    return Buckets.REQUEST
        .timer("understudy.requests", "From a request's head to its end")
        .tag("route", key.route() == null ? NONE : key.route())
        .tag("pool", key.pool() == null ? NONE : key.pool().value())
        .tag("server", key.server() == null ? NONE : key.server().value())
        .tag("status", CLASSES[key.statusClass()])
        .tag("outcome", key.outcome().name())
        .register(registry);
  }

  /** These are all routes from now on. */
  void routes(Set<String> ids) {
    routes = Set.copyOf(ids);
    removeStale();
  }

  /** Removes the timers of what is no longer configured. */
  void removeStale() {
    timers
        .entrySet()
        .removeIf(
            entry -> {
              boolean stale = !entry.getKey().equals(known(entry.getKey()));
              if (stale) {
                registry.remove(entry.getValue());
              }
              return stale;
            });
  }
}
