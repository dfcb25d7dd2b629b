package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.traffic.RequestTotals;
import java.util.function.ToIntFunction;

/** The counts behind {@code understudy_requests_seconds}, for readers beside Prometheus. */
final class SummedRequests implements RequestTotals {
  private final RequestCounts counts;
  private final ToIntFunction<PoolId> held;

  /**
   * Reads from the given counts.
   *
   * @param held the present number of a pool's held requests
   */
  SummedRequests(RequestCounts counts, ToIntFunction<PoolId> held) {
    this.counts = counts;
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
  }

  @Override
  public int held(PoolId pool) {
    return held.applyAsInt(pool);
  }
}
