package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.RequestTotals;
import java.util.function.ToIntFunction;

/**
 * The counts behind {@code understudy_requests_seconds} and {@code understudy_connections_total},
 * for readers beside Prometheus. A relayed connection is one request without a response; one that
 * failed counts as 5xx.
 */
final class SummedRequests implements RequestTotals {
  private final RequestCounts counts;
  private final ConnectionMeters connections;
  private final ToIntFunction<PoolId> held;

  /**
   * Reads from the given counts.
   *
   * @param held the present number of a pool's held requests
   */
  SummedRequests(RequestCounts counts, ConnectionMeters connections, ToIntFunction<PoolId> held) {
    this.counts = counts;
    this.connections = connections;
    this.held = held;
  }

  @Override
  public long[] boundsNanos() {
    return Buckets.REQUEST.boundsNanos();
  }

  @Override
  public void forEach(Visitor visitor) {
    long[] durations = new long[Buckets.REQUEST.count() + 1];
    counts.forEachSeries(
        (route, series) -> {
          series.copyCounts(durations);
          visitor.visit(
              route.route(),
              series.pool,
              series.server,
              series.statusClass,
              series.outcome,
              durations,
              series.bytesIn(),
              series.bytesOut());
        });
    long[] one = new long[durations.length];
    connections.forEach(
        (pool, server, end, ended, bytesIn, bytesOut) -> {
          one[0] = ended;
          boolean failed = failed(end);
          visitor.visit(
              null,
              pool,
              server,
              failed ? 5 : 0,
              failed ? EndReason.TUNNEL_BROKEN : EndReason.TUNNEL_CLOSED,
              one,
              bytesIn,
              bytesOut);
        });
  }

  private static boolean failed(ConnectionEnd end) {
    return switch (end) {
      case SERVER_FAILED, NO_SERVER, HOLD_FULL -> true;
      case CLOSED, CLIENT_GONE, MOVED, IDLE, STOPPING, REFUSED -> false;
    };
  }

  @Override
  public int held(PoolId pool) {
    return held.applyAsInt(pool);
  }
}
