package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.EndReason;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The requests of one route that share all labels. */
final class RequestSeries extends Durations {
  final @Nullable PoolId pool;
  final @Nullable ServerId server;
  final int statusClass;
  private final EndReason outcome;

  /** The route's next series; written and read by {@link RouteMeters}. */
  @Nullable RequestSeries next;

  RequestSeries(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, EndReason outcome) {
    this.pool = pool;
    this.server = server;
    this.statusClass = statusClass;
    this.outcome = outcome;
  }

  String outcome() {
    return outcome.name();
  }

  boolean is(
      @Nullable PoolId wantedPool,
      @Nullable ServerId wantedServer,
      int wantedClass,
      EndReason wantedOutcome) {
    return statusClass == wantedClass
        && outcome.equals(wantedOutcome)
        && Objects.equals(pool, wantedPool)
        && Objects.equals(server, wantedServer);
  }

  /** The first digit of a status from 100 to 599; 0 for any other. */
  static int statusClass(int status) {
    return status >= 100 && status < 600 ? status / 100 : 0;
  }
}
