package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestTotals;
import io.prometheus.metrics.model.snapshots.Exemplars;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of all routes. A request that ends after its route was removed counts as one
 * without a route; one that ends while it is removed may not be counted. Safe for any thread.
 */
final class RequestCounts {
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private final RequestExemplars exemplars = new RequestExemplars(InstantSource.system());
  private final Map<String, RouteMeters> all = new ConcurrentHashMap<>();

  /** Counts requests that matched no route, or a route since removed. */
  private final RouteMeters none;

  private @Nullable Set<String> routes;

  /**
   * Creates an empty table.
   *
   * @param configured whether the pool exists now and, if a server is given, has that server
   */
  RequestCounts(BiPredicate<PoolId, @Nullable ServerId> configured) {
    this.configured = configured;
    this.none = new RouteMeters(null, configured);
  }

  /**
   * Returns the meters of a route's requests, valid until the route is removed.
   *
   * @param id null if no route matched
   */
  RouteMeters route(@Nullable String id) {
    if (id == null) {
      return none;
    }
    RouteMeters known = all.get(id);
    return known == null ? fresh(id) : known;
  }

  private synchronized RouteMeters fresh(String id) {
    return routes == null || routes.contains(id)
        ? all.computeIfAbsent(id, fresh -> new RouteMeters(fresh, configured))
        : none;
  }

  /**
   * Counts a request, and keeps a reference to its trace if there is one.
   *
   * @param route from {@link #route}
   */
  void ended(RouteMeters route, RequestOutcome outcome) {
    RouteMeters current = route.isRemoved() ? route(route.route()) : route;
    RequestSeries series = current.ended(outcome);
    if (outcome.trace() != null) {
      exemplars.keep(series, outcome.durationNanos(), outcome.trace());
    }
  }

  /** The exemplars of a series. */
  Exemplars exemplars(RequestSeries series) {
    return exemplars.of(series);
  }

  /** Sets the ids of all routes and drops the meters of others. */
  synchronized void routes(Set<String> ids) {
    routes = Set.copyOf(ids);
    all.forEach(
        (id, meters) -> {
          if (!ids.contains(id)) {
            all.remove(id);
            meters.removed();
          }
        });
  }

  /** Removes the series of pools and servers that are no longer configured. */
  void removeStale() {
    forEach(RouteMeters::removeStale);
  }

  private void forEach(Consumer<RouteMeters> action) {
    action.accept(none);
    all.values().forEach(action);
  }

  /** Passes on the series of all requests that have ended. */
  void forEachSeries(BiConsumer<RouteMeters, RequestSeries> action) {
    forEach(route -> route.series().forEach(series -> action.accept(route, series)));
  }

  /** Passes on all counts. */
  void visit(RequestTotals.Visitor visitor) {
    long[] durations = new long[RequestSeries.BUCKET_COUNT];
    forEachSeries(
        (route, series) -> {
          series.copyCounts(durations);
          visitor.visit(
              route.route(),
              series.pool,
              series.server,
              series.statusClass,
              series.outcome,
              durations,
              series.bytesIn(),
              series.bytesOut());
        });
  }

  /** Starts a new period for the maxima. */
  void rotate() {
    forEachSeries((route, series) -> series.rotate());
  }
}
