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

  /** The outcome of a request that is not traced, without the time of its response. */
  public static RequestOutcome of(
      @Nullable MatchedRoute route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      InetSocketAddress client,
      String requestId,
      String method,
      String host,
      String target,
      int status,
      RequestEnd end,
      int attempts,
      long heldNanos,
      long durationNanos,
      long bytesIn,
      long bytesOut) {
    return new RequestOutcome(
        route,
        pool,
        server,
        client,
        requestId,
        method,
        host,
        target,
        status,
        end,
        attempts,
        heldNanos,
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
      long bytesOut) {
    return of(
        null,
        pool,
        server,
        CLIENT,
        "id",
        "GET",
        "test",
        "/",
        status,
        end,
        1,
        0,
        durationNanos,
        bytesIn,
        bytesOut);
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
