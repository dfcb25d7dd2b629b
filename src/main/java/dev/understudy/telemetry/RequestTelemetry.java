package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.Outcome;
import dev.understudy.traffic.TrafficListener;
import org.jspecify.annotations.Nullable;


/** Hands what happens to requests on to metrics and access log. */
public final class RequestTelemetry implements TrafficListener {
  private final Metrics metrics;
  private final AccessLog accessLog;

  public RequestTelemetry(Metrics metrics, AccessLog accessLog) {
    this.metrics = metrics;
    this.accessLog = accessLog;
  }

  @Override
  public void ended(Outcome o) {
    MatchedRoute route = o.route();
    Object kept = route == null ? null : route.kept();
    metrics.ended(
        kept == null ? meters(route) : kept,
        o.pool(),
        o.server(),
        o.status(),
        o.end(),
        o.durationNanos());
    if (accessLog.enabled()) {
      accessLog.log(
          new RequestRecord(
              route == null ? null : route.id(),
              o.pool(),
              o.server(),
              o.client().remote(),
              o.requestId(),
              o.method(),
              o.host(),
              o.target(),
              o.status(),
              o.end(),
              o.attempts(),
              o.heldNanos(),
              o.durationNanos(),
              o.bytesIn(),
              o.bytesOut()));
    }
  }

  private RouteMeters meters(@Nullable MatchedRoute route) {
    RouteMeters meters = metrics.route(route == null ? null : route.id());
    if (route != null && meters.isOfRoute()) {
      route.keep(meters);
    }
    return meters;
  }

  @Override
  public void retried(PoolId pool, Retry reason) {
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
