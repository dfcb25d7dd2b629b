package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RouteStatistics;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code understudy_requests_seconds} of one route: a short array with one series for each
 * combination of the other labels that occurred, in the order of occurrence.
 *
 * <p>Labels only take values that the configuration names. A request counted after its pool or
 * server was removed is counted without that label's value. Counting in a series that exists takes
 * no lock. Safe for any thread.
 */
final class RouteMeters implements RouteStatistics {
  private final @Nullable String route;
  private final BiPredicate<PoolId, @Nullable ServerId> configured;

  /** Never written to, but replaced. */
  private volatile RequestSeries[] all = {};

  private volatile boolean removed;

  /**
   * Creates meters without a series.
   *
   * @param route the route's id; null if no route matched
   * @param configured whether the pool exists now and, if a server is given, has that server
   */
  RouteMeters(@Nullable String route, BiPredicate<PoolId, @Nullable ServerId> configured) {
    this.route = route;
    this.configured = configured;
  }

  /** The route's id; null for requests that matched no route, or a route since removed. */
  @Nullable String route() {
    return route;
  }

  /** Whether the meters belong to one route, so that the route's later requests can reuse them. */
  boolean isOfRoute() {
    return route != null;
  }

  /** Whether the route was removed, so that counts added here are not reported. */
  boolean isRemoved() {
    return removed;
  }

  /** Counts a request of the route; returns the series in which it was counted. */
  RequestSeries ended(RequestOutcome outcome) {
    PoolId pool = outcome.pool();
    ServerId server = outcome.server();
    int statusClass = RequestSeries.statusClass(outcome.status());
    RequestSeries series = find(pool, server, statusClass, outcome.end());
    if (series == null) {
      series = known(pool, server, statusClass, outcome.end());
    }
    series.record(outcome.durationNanos(), outcome.bytesIn(), outcome.bytesOut());
    return series;
  }

  private @Nullable RequestSeries find(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, RequestEnd outcome) {
    for (RequestSeries series : all) {
      if (series.is(pool, server, statusClass, outcome)) {
        return series;
      }
    }
    return null;
  }

  /**
   * Returns the series for a request whose labels match none as they are: pool and server are
   * replaced by none if they are not configured.
   */
  private synchronized RequestSeries known(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, RequestEnd outcome) {
    PoolId knownPool = pool != null && configured.test(pool, null) ? pool : null;
    ServerId knownServer =
        knownPool != null && server != null && configured.test(knownPool, server) ? server : null;
    RequestSeries known = find(knownPool, knownServer, statusClass, outcome);
    return known == null ? add(knownPool, knownServer, statusClass, outcome) : known;
  }

  private RequestSeries add(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, RequestEnd outcome) {
    RequestSeries fresh = new RequestSeries(pool, server, statusClass, outcome);
    RequestSeries[] more = Arrays.copyOf(all, all.length + 1);
    more[all.length] = fresh;
    all = more;
    return fresh;
  }

  /** Removes the series of pools and servers that are no longer configured. */
  void removeStale() {
    remove(series -> series.pool != null && !configured.test(series.pool, series.server));
  }

  /** Marks the route as removed and drops its series. */
  void removed() {
    removed = true;
    remove(series -> true);
  }

  private synchronized void remove(Predicate<RequestSeries> gone) {
    all = Arrays.stream(all).filter(gone.negate()).toArray(RequestSeries[]::new);
  }

  /** The series, in the order of their first request. */
  List<RequestSeries> series() {
    return List.of(all);
  }
}
