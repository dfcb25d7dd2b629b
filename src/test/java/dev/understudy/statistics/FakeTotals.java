package dev.understudy.statistics;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestTotals;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Counts that a test sets; all requests took less than a millisecond. */
public final class FakeTotals implements RequestTotals {
  private record Series(
      @Nullable String route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      RequestEnd end,
      long n,
      long bytesIn) {}

  private final List<Series> series = new CopyOnWriteArrayList<>();
  private volatile int held;

  /** That many more requests ended. */
  public void add(
      @Nullable String route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int statusClass,
      long requests) {
    series.add(new Series(route, pool, server, statusClass, RequestEnd.COMPLETED, requests, 0));
  }

  /** That many more ended so, at a server, with ten bytes of each. */
  void add(String route, PoolId pool, ServerId server, int status, RequestEnd end, long requests) {
    series.add(new Series(route, pool, server, status, end, requests, 10 * requests));
  }

  /** From now on each pool holds that many requests. */
  public void held(int requests) {
    held = requests;
  }

  public void clear() {
    series.clear();
    held = 0;
  }

  @Override
  public long[] boundsNanos() {
    return new long[] {1_000_000};
  }

  @Override
  public void forEach(Visitor visitor) {
    series.forEach(
        each ->
            visitor.visit(
                each.route(),
                each.pool(),
                each.server(),
                each.status(),
                each.end(),
                new long[] {each.n(), 0},
                each.bytesIn(),
                each.n()));
  }

  @Override
  public int held(PoolId pool) {
    return held;
  }
}
