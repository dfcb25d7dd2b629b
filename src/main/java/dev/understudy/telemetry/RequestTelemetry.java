package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RetryReason;
import dev.understudy.traffic.RouteStatistics;
import dev.understudy.traffic.TrafficListener;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Passes requests' outcomes to the metrics and the access log. */
public final class RequestTelemetry implements TrafficListener {
  private final Metrics metrics;
  private final AccessLog accessLog;

  public RequestTelemetry(Metrics metrics, AccessLog accessLog) {
    this.metrics = metrics;
    this.accessLog = accessLog;
  }

  @Override
  public void endedForwarded(
      RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
    MatchedRoute route = outcome.route();
    RouteStatistics known = route == null ? null : route.statistics();
    metrics.ended(known instanceof RouteMeters meters ? meters : meters(route), outcome);
    accessLog.log(outcome, request, response);
  }

  @Override
  public void connectionEnded(ConnectionOutcome outcome) {
    metrics.ended(outcome);
    accessLog.log(outcome);
  }

  private RouteMeters meters(@Nullable MatchedRoute route) {
    RouteMeters meters = metrics.route(route == null ? null : route.id());
    if (route != null && meters.isOfRoute()) {
      route.keep(meters);
    }
    return meters;
  }

  @Override
  public void retried(PoolId pool, RetryReason reason) {
    metrics.retried(pool, reason);
  }

  @Override
  public void held(PoolId pool, int delta) {
    metrics.held(pool, delta);
  }

  @Override
  public void limited(Limit limit) {
    metrics.limited(limit);
  }
}
