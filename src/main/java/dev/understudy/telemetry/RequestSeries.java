package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Requests of one route that have all labels the same; finds those of its other series too. */
public final class RequestSeries extends Durations {
  private final RouteMeters route;
  final @Nullable PoolId pool;
  final @Nullable ServerId server;
  final int statusClass;
  private final Enum<?> outcome;

  /** The next one of the route; set by it, as {@code removed} is. */
  volatile @Nullable RequestSeries next;

  volatile boolean removed;

  RequestSeries(
      RouteMeters route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int statusClass,
      Enum<?> outcome) {
    this.route = route;
    this.pool = pool;
    this.server = server;
    this.statusClass = statusClass;
    this.outcome = outcome;
  }

  /** Whether its route, pool or server is gone, so that what is counted here is seen by nobody. */
  public boolean isRemoved() {
    return removed;
  }

  String outcome() {
    return outcome.name();
  }

  /**
   * A request of the route ended, in this series or another; called on event loops.
   *
   * @param endedPool null: none
   * @param endedServer the last one that it was sent to; null: none
   * @param status sent to the client; 0: none
   * @param endedHow its outcome
   */
  public void ended(
      @Nullable PoolId endedPool,
      @Nullable ServerId endedServer,
      int status,
      Enum<?> endedHow,
      long durationNanos) {
    int wanted = statusClass(status);
    RequestSeries series = this;
    while (series != null && !series.is(endedPool, endedServer, wanted, endedHow)) {
      series = series.next;
    }
    if (series == null) {
      series = route.known(endedPool, endedServer, wanted, endedHow);
    }
    series.record(durationNanos);
  }

  boolean is(
      @Nullable PoolId wantedPool,
      @Nullable ServerId wantedServer,
      int wantedClass,
      Enum<?> wantedOutcome) {
    return statusClass == wantedClass
        && outcome.equals(wantedOutcome)
        && Objects.equals(pool, wantedPool)
        && Objects.equals(server, wantedServer);
  }

  /** 0: none. */
  static int statusClass(int status) {
    return status >= 100 && status < 600 ? status / 100 : 0;
  }
}
