package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code understudy_requests_seconds}, with durations for each combination of labels that occurred,
 * found again by one look into a map.
 *
 * <p>Labels only take values that the configuration names. What ends after its route, pool or
 * server was removed is counted under {@value #NONE}. Given to Prometheus straight, not by way of
 * Micrometer: see {@link Durations}.
 */
final class RequestMeters implements MultiCollector {
  private static final MetricMetadata DURATIONS =
      new MetricMetadata("understudy_requests_seconds", "From a request's head to its end");

  private static final MetricMetadata LARGEST =
      new MetricMetadata("understudy_requests_seconds_max", "From a request's head to its end");

  /** The largest is that of this time at least, and of twice as much at most. */
  private static final long ROTATION_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Stands where there is no route, pool or server; none of these can be called so. */
  static final String NONE = "-";

  private static final Set<String> OWN = Set.of("route", "pool", "server", "status", "outcome");

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

    Labels labels(Labels common) {
      Labels own =
          Labels.of(
              "route", route == null ? NONE : route,
              "pool", pool == null ? NONE : pool.value(),
              "server", server == null ? NONE : server.value(),
              "status", CLASSES[statusClass],
              "outcome", outcome.name());
      return own.merge(common);
    }
  }

  private final LongSupplier nanoTime;
  private final Labels common;
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private final Map<Key, Durations> all = new ConcurrentHashMap<>();
  private volatile @Nullable Set<String> routes;
  private long rotated;

  /**
   * Empty yet.
   *
   * @param nanoTime the clock
   * @param common labels of all, which give way to ours
   * @param configured whether there is such a pool now and, if one is given, such a server in it
   */
  RequestMeters(
      LongSupplier nanoTime,
      Map<String, String> common,
      BiPredicate<PoolId, @Nullable ServerId> configured) {
    this.nanoTime = nanoTime;
    this.common = common(common);
    this.configured = configured;
    this.rotated = nanoTime.getAsLong();
  }

  private static Labels common(Map<String, String> tags) {
    Labels.Builder labels = Labels.builder();
    tags.forEach(
        (name, value) -> {
          String label = PrometheusNaming.sanitizeLabelName(name);
          if (!OWN.contains(label)) {
            labels.label(label, value);
          }
        });
    return labels.build();
  }

  void ended(
      @Nullable String route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      Enum<?> outcome,
      long durationNanos) {
    Key key = new Key(route, pool, server, statusClass(status), outcome);
    Durations durations = all.get(key);
    if (durations == null) {
      durations = all.computeIfAbsent(known(key), fresh -> new Durations());
    }
    durations.record(durationNanos);
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

  /** These are all routes from now on. */
  void routes(Set<String> ids) {
    routes = Set.copyOf(ids);
    removeStale();
  }

  /** Forgets what is no longer configured. */
  void removeStale() {
    all.keySet().removeIf(key -> !key.equals(known(key)));
  }

  /** Called for each scrape. */
  @Override
  public synchronized MetricSnapshots collect() {
    if (all.isEmpty()) {
      return MetricSnapshots.of();
    }
    List<HistogramDataPointSnapshot> histograms = new ArrayList<>();
    List<GaugeDataPointSnapshot> largest = new ArrayList<>();
    all.forEach(
        (key, durations) -> {
          Labels labels = key.labels(common);
          histograms.add(durations.histogram(labels));
          largest.add(durations.largest(labels));
        });
    long now = nanoTime.getAsLong();
    if (now - rotated >= ROTATION_NANOS) {
      rotated = now;
      all.values().forEach(Durations::rotate);
    }
    return MetricSnapshots.of(
        new HistogramSnapshot(DURATIONS, histograms), new GaugeSnapshot(LARGEST, largest));
  }
}
