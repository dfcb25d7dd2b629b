package dev.understudy.testing;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.Outcome;
import dev.understudy.traffic.TraceContext;
import java.net.InetSocketAddress;

/** Ends of requests of which a test looks at the numbers alone. */
public final class Outcomes {
  private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 40_000);

  private Outcomes() {}

  public static Outcome of(
      PoolId pool,
      ServerId server,
      int status,
      EndReason end,
      long durationNanos,
      long bytesIn,
      long bytesOut) {
    return new Outcome(
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

  public static Outcome of(
      PoolId pool,
      ServerId server,
      int status,
      EndReason end,
      long durationNanos,
      long bytesIn,
      long bytesOut,
      TraceContext trace) {
    Outcome outcome = of(pool, server, status, end, durationNanos, bytesIn, bytesOut);
    return trace == null ? outcome : outcome.tracedBy(trace);
  }
}
