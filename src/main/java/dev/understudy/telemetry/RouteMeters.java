package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.RouteStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code understudy_requests_seconds} of one route, for each combination of its other labels that
 * occurred: a handful, in a list, the first one first.
 *
 * <p>Labels only take values that the configuration names. What is counted after its pool or server
 * was removed is counted without it. Only used under the lock of {@link RequestCounts}.
 */
final class RouteMeters implements RouteStatistics {
  private final @Nullable String route;
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private @Nullable RequestSeries first;
  private boolean removed;

  /**
   * Empty yet.
   *
   * @param route null: no route matched
   * @param configured whether there is such a pool now and, if one is given, such a server in it
   */
  RouteMeters(@Nullable String route, BiPredicate<PoolId, @Nullable ServerId> configured) {
    this.route = route;
    this.configured = configured;
  }

  /** Its id; null: this counts what no route matched, or none that there still is. */
  @Nullable String route() {
    return route;
  }

  /** Whether it is of one route, and worth being kept for its other requests. */
  boolean isOfRoute() {
    return route != null;
  }

  /** Whether the route is gone, so that what is counted here is seen by nobody. */
  boolean isRemoved() {
    return removed;
  }

  /** Reads what is most likely to be counted in next. */
  long fetch() {
    RequestSeries series = first;
    return series == null ? 0 : series.fetch();
  }

  /** A request of the route ended; as {@link RequestCounts#ended}. */
  void ended(
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      EndReason outcome,
      long durationNanos) {
    int statusClass = RequestSeries.statusClass(status);
    RequestSeries series = find(pool, server, statusClass, outcome);
    if (series == null) {
      series = known(pool, server, statusClass, outcome);
    }
    series.record(durationNanos);
  }

  private @Nullable RequestSeries find(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, EndReason outcome) {
    RequestSeries series = first;
    while (series != null && !series.is(pool, server, statusClass, outcome)) {
      series = series.next;
    }
    return series;
  }

  /** Of a request that no series stands for, as it came. */
  private RequestSeries known(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, EndReason outcome) {
    PoolId knownPool = pool != null && configured.test(pool, null) ? pool : null;
    ServerId knownServer =
        knownPool != null && server != null && configured.test(knownPool, server) ? server : null;
    RequestSeries known = find(knownPool, knownServer, statusClass, outcome);
    return known == null ? add(knownPool, knownServer, statusClass, outcome) : known;
  }

  private RequestSeries add(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, EndReason outcome) {
    RequestSeries fresh = new RequestSeries(pool, server, statusClass, outcome);
    RequestSeries last = first;
    while (last != null && last.next != null) {
      last = last.next;
    }
    if (last == null) {
      first = fresh;
    } else {
      last.next = fresh;
    }
    return fresh;
  }

  /** Forgets pools and servers that are no longer configured. */
  void removeStale() {
    remove(series -> series.pool != null && !configured.test(series.pool, series.server));
  }

  /** The route is gone. */
  void removed() {
    removed = true;
    remove(series -> true);
  }

  private void remove(Predicate<RequestSeries> gone) {
    RequestSeries before = null;
    for (RequestSeries series = first; series != null; series = series.next) {
      if (!gone.test(series)) {
        before = series;
        continue;
      }
      if (before == null) {
        first = series.next;
      } else {
        before.next = series.next;
      }
    }
  }

  /** In the order in which they came; to be read by any thread, also when others have come. */
  List<RequestSeries> series() {
    List<RequestSeries> all = new ArrayList<>();
    for (RequestSeries series = first; series != null; series = series.next) {
      all.add(series);
    }
    return all;
  }
}
