package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code understudy_requests_seconds} of one route, for each combination of its other labels that
 * occurred: a handful, in a list, the first one first.
 *
 * <p>Labels only take values that the configuration names. What ends after its pool or server was
 * removed is counted without it. Safe for any thread.
 */
public final class RouteMeters {
  private final @Nullable String route;
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private volatile @Nullable RequestSeries first;

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
  public @Nullable String route() {
    return route;
  }

  /**
   * Where its next requests are counted without a look into a map of all routes, which thousands of
   * them would make a search in cold memory; null: none of its requests has ended yet.
   */
  public @Nullable RequestSeries first() {
    return first;
  }

  /** As {@link RequestSeries#ended}. */
  public void ended(
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      Enum<?> outcome,
      long durationNanos) {
    RequestSeries known = first;
    if (known == null) {
      known = known(pool, server, RequestSeries.statusClass(status), outcome);
    }
    known.ended(pool, server, status, outcome, durationNanos);
  }

  /** Of a request that no series stands for yet. */
  synchronized RequestSeries known(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, Enum<?> outcome) {
    PoolId knownPool = pool != null && configured.test(pool, null) ? pool : null;
    ServerId knownServer =
        knownPool != null && server != null && configured.test(knownPool, server) ? server : null;
    RequestSeries last = null;
    for (RequestSeries series = first; series != null; series = series.next) {
      if (series.is(knownPool, knownServer, statusClass, outcome)) {
        return series;
      }
      last = series;
    }
    RequestSeries fresh = new RequestSeries(this, knownPool, knownServer, statusClass, outcome);
    if (last == null) {
      first = fresh;
    } else {
      last.next = fresh;
    }
    return fresh;
  }

  /** Forgets pools and servers that are no longer configured. */
  synchronized void removeStale() {
    remove(series -> series.pool != null && !configured.test(series.pool, series.server));
  }

  /** The route is gone. */
  synchronized void removed() {
    remove(series -> true);
  }

  private void remove(Predicate<RequestSeries> gone) {
    RequestSeries before = null;
    for (RequestSeries series = first; series != null; series = series.next) {
      if (!gone.test(series)) {
        before = series;
        continue;
      }
      series.removed = true;
      if (before == null) {
        first = series.next;
      } else {
        before.next = series.next;
      }
    }
  }

  void forEach(Consumer<RequestSeries> action) {
    for (RequestSeries series = first; series != null; series = series.next) {
      action.accept(series);
    }
  }
}
