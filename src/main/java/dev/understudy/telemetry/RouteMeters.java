package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code understudy_requests_seconds} of one route, for each combination of its other labels that
 * occurred: a handful, in a list, the first one first. Who has this finds them without a look into
 * a map of all routes, which thousands of them would make a search in cold memory.
 *
 * <p>Labels only take values that the configuration names. What ends after its pool or server was
 * removed is counted without it. Safe for any thread.
 */
public final class RouteMeters {
  /** What has the same labels; added at the end of the list under the route's lock. */
  static final class Series extends Durations {
    final @Nullable PoolId pool;
    final @Nullable ServerId server;
    final int statusClass;
    final Enum<?> outcome;
    private volatile @Nullable Series next;

    private Series(
        @Nullable PoolId pool, @Nullable ServerId server, int statusClass, Enum<?> outcome) {
      this.pool = pool;
      this.server = server;
      this.statusClass = statusClass;
      this.outcome = outcome;
    }

    private boolean is(
        @Nullable PoolId pool, @Nullable ServerId server, int statusClass, Enum<?> outcome) {
      return this.statusClass == statusClass
          && this.outcome.equals(outcome)
          && Objects.equals(this.pool, pool)
          && Objects.equals(this.server, server);
    }
  }

  private final @Nullable String route;
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private volatile @Nullable Series first;
  private volatile boolean removed;

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

  /** Whether the route is gone, so that what is counted here is seen by nobody. */
  public boolean isRemoved() {
    return removed;
  }

  /**
   * A request ended; called on event loops.
   *
   * @param pool null: none
   * @param server the last one that it was sent to; null: none
   * @param status sent to the client; 0: none
   * @param outcome how it ended
   */
  public void ended(
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      Enum<?> outcome,
      long durationNanos) {
    int statusClass = status >= 100 && status < 600 ? status / 100 : 0;
    Series series = find(pool, server, statusClass, outcome);
    (series == null ? known(pool, server, statusClass, outcome) : series).record(durationNanos);
  }

  private @Nullable Series find(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, Enum<?> outcome) {
    Series series = first;
    while (series != null && !series.is(pool, server, statusClass, outcome)) {
      series = series.next;
    }
    return series;
  }

  private synchronized Series known(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, Enum<?> outcome) {
    PoolId knownPool = pool != null && configured.test(pool, null) ? pool : null;
    ServerId knownServer =
        knownPool != null && server != null && configured.test(knownPool, server) ? server : null;
    Series series = find(knownPool, knownServer, statusClass, outcome);
    if (series == null) {
      series = new Series(knownPool, knownServer, statusClass, outcome);
      append(series);
    }
    return series;
  }

  private void append(Series fresh) {
    Series last = first;
    if (last == null) {
      first = fresh;
      return;
    }
    for (Series next = last.next; next != null; next = last.next) {
      last = next;
    }
    last.next = fresh;
  }

  /** Forgets pools and servers that are no longer configured. */
  synchronized void removeStale() {
    Series before = null;
    for (Series series = first; series != null; series = series.next) {
      if (isConfigured(series)) {
        before = series;
      } else if (before == null) {
        first = series.next;
      } else {
        before.next = series.next;
      }
    }
  }

  private boolean isConfigured(Series series) {
    return series.pool == null || configured.test(series.pool, series.server);
  }

  void removed() {
    removed = true;
  }

  void forEach(Consumer<Series> action) {
    for (Series series = first; series != null; series = series.next) {
      action.accept(series);
    }
  }
}
