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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code understudy_requests_seconds} of all routes. What ends after its route was removed is
 * counted under {@value #NONE}. Given to Prometheus straight, not by way of Micrometer: see {@link
 * Durations}.
 */
final class RequestMeters implements MultiCollector, EndedRequests.Counter {
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

  private final LongSupplier nanoTime;
  private final Labels common;
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private final Map<String, RouteMeters> all = new ConcurrentHashMap<>();

  /** Of what no route matched, or none that there still is. */
  private final RouteMeters none;

  private volatile @Nullable Set<String> routes;

  /** Of all counters, and of what is not counted yet. */
  private final ReentrantLock lock = new ReentrantLock();

  private final List<EndedRequests> uncounted = new ArrayList<>();
  private final ThreadLocal<EndedRequests> ended = ThreadLocal.withInitial(this::ofThisThread);
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
    this.none = new RouteMeters(null, configured);
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

  /**
   * Where requests of a route are counted, until that is removed.
   *
   * @param id null: no route matched
   */
  RouteMeters route(@Nullable String id) {
    if (id == null) {
      return none;
    }
    RouteMeters known = all.get(id);
    if (known != null) {
      return known;
    }
    return isRoute(id)
        ? all.computeIfAbsent(id, fresh -> new RouteMeters(fresh, configured))
        : none;
  }

  private boolean isRoute(String id) {
    Set<String> now = routes;
    return now == null || now.contains(id);
  }

  /**
   * A request ended; meant for threads that many end on. It is counted before the next scrape.
   *
   * @param route as {@link #route} gave it; not a {@link RouteMeters} here, as the cast would be
   *     the miss that {@link EndedRequests} is to spare
   * @param pool null: none
   * @param server the last one that it was sent to; null: none
   * @param status sent to the client; 0: none
   */
  void ended(
      Object route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      Enum<?> outcome,
      long durationNanos) {
    EndedRequests here = ended.get();
    if (here.isFull()) {
      locked(() -> here.countAll(this));
    }
    here.add(route, pool, server, status, outcome, durationNanos);
    if (here.isBatch() && lock.tryLock()) {
      try {
        here.countAll(this);
      } finally {
        lock.unlock();
      }
    }
  }

  private EndedRequests ofThisThread() {
    EndedRequests fresh = new EndedRequests();
    locked(() -> uncounted.add(fresh));
    return fresh;
  }

  @Override
  public long fetch(Object route) {
    return ((RouteMeters) route).fetch();
  }

  @Override
  public void count(
      Object route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      Enum<?> outcome,
      long durationNanos) {
    RouteMeters meters = (RouteMeters) route;
    RouteMeters current = meters.isRemoved() ? route(meters.route()) : meters;
    current.ended(pool, server, status, outcome, durationNanos);
  }

  /** What has ended is counted; with the lock. */
  private void countAll() {
    uncounted.removeIf(
        each -> {
          boolean over = each.isOver();
          each.countAll(this);
          return over;
        });
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /** These are all routes from now on. */
  void routes(Set<String> ids) {
    locked(
        () -> {
          countAll();
          routes = Set.copyOf(ids);
          removeAllStale();
        });
  }

  /** Forgets what is no longer configured. */
  void removeStale() {
    locked(
        () -> {
          countAll();
          removeAllStale();
        });
  }

  private void removeAllStale() {
    all.values().removeIf(this::isGone);
    all.values().forEach(RouteMeters::removeStale);
    none.removeStale();
  }

  private boolean isGone(RouteMeters meters) {
    String route = meters.route();
    if (route == null || isRoute(route)) {
      return false;
    }
    meters.removed();
    return true;
  }

  /** Called for each scrape. */
  @Override
  public MetricSnapshots collect() {
    locked(this::countAll);
    List<HistogramDataPointSnapshot> histograms = new ArrayList<>();
    List<GaugeDataPointSnapshot> largest = new ArrayList<>();
    forEach(
        (route, series) -> {
          Labels labels = labels(route, series);
          histograms.add(series.histogram(labels));
          largest.add(series.largest(labels));
        });
    if (histograms.isEmpty()) {
      return MetricSnapshots.of();
    }
    locked(this::rotate);
    return MetricSnapshots.of(
        new HistogramSnapshot(DURATIONS, histograms), new GaugeSnapshot(LARGEST, largest));
  }

  private void rotate() {
    long now = nanoTime.getAsLong();
    if (now - rotated >= ROTATION_NANOS) {
      rotated = now;
      forEach((route, series) -> series.rotate());
    }
  }

  private void forEach(BiConsumer<RouteMeters, RequestSeries> action) {
    none.forEach(series -> action.accept(none, series));
    all.values().forEach(route -> route.forEach(series -> action.accept(route, series)));
  }

  private Labels labels(RouteMeters route, RequestSeries series) {
    Labels own =
        Labels.of(
            "route", route.route() == null ? NONE : route.route(),
            "pool", series.pool == null ? NONE : series.pool.value(),
            "server", series.server == null ? NONE : series.server.value(),
            "status", CLASSES[series.statusClass],
            "outcome", series.outcome());
    return own.merge(common);
  }
}
