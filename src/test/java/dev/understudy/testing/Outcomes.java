package dev.understudy.testing;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.TraceContext;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Ends of requests of which a test looks at the numbers alone. */
public final class Outcomes {
  private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 40_000);

  private Outcomes() {}

  /** Of a request that took 1.5 ms and was sent to no server. */
  public static RequestOutcome local(
      @Nullable MatchedRoute route, String method, String target, int status, RequestEnd end) {
    return of(route, null, null, method, target, status, end, 0, 1_500_000, 0, 0);
  }

  public static RequestOutcome of(
      PoolId pool,
      ServerId server,
      int status,
      RequestEnd end,
      long durationNanos,
      long bytesIn,
      long bytesOut) {
    return of(null, pool, server, "GET", "/", status, end, 1, durationNanos, bytesIn, bytesOut);
  }

  public static RequestOutcome of(
      @Nullable MatchedRoute route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      String method,
      String target,
      int status,
      RequestEnd end,
      int attempts,
      long durationNanos,
      long bytesIn,
      long bytesOut) {
    return new RequestOutcome(
        route,
        pool,
        server,
        CLIENT,
        "id",
        method,
        "test",
        target,
        status,
        end,
        attempts,
        0,
        -1,
        durationNanos,
        bytesIn,
        bytesOut,
        null,
        null);
  }

  public static RequestOutcome of(
      PoolId pool,
      ServerId server,
      int status,
      RequestEnd end,
      long durationNanos,
      long bytesIn,
      long bytesOut,
      TraceContext trace) {
    RequestOutcome outcome = of(pool, server, status, end, durationNanos, bytesIn, bytesOut);
    return trace == null ? outcome : outcome.tracedBy(trace);
  }
}
