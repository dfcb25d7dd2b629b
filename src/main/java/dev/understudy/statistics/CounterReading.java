package dev.understudy.statistics;

import dev.understudy.pool.PoolId;
import dev.understudy.traffic.RequestTotals;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A reading of all cumulative counters at one moment. Counts that have not changed since the
 * reading before are the same objects, so that many readings of a quiet process take little memory.
 *
 * @param nanoTime when it was taken
 * @param requests by pool and server
 * @param routes the requests of each route
 * @param retries the repeated attempts of each pool
 */
record CounterReading(
    long nanoTime,
    Map<CountKey, Counts> requests,
    Map<String, Long> routes,
    Map<PoolId, Long> retries) {
  /**
   * Takes a reading.
   *
   * @param before the reading before; null if this is the first
   */
  static CounterReading take(
      RequestTotals totals,
      Map<PoolId, Long> retries,
      @Nullable CounterReading before,
      long nanoTime) {
    int buckets = totals.boundsNanos().length + 1;
    Map<CountKey, Counts> requests = new HashMap<>();
    Map<String, Long> routes = new HashMap<>();
    totals.forEach(
        (route, pool, server, statusClass, end, durations, bytesIn, bytesOut) -> {
          requests
              .computeIfAbsent(new CountKey(pool, server), key -> new Counts(buckets))
              .add(statusClass, end, durations, bytesIn, bytesOut);
          if (route != null) {
            routes.merge(route, LongStream.of(durations).sum(), Long::sum);
          }
        });
    if (before != null) {
      Map<CountKey, Counts> requestsBefore = before.requests();
      Map<String, Long> routesBefore = before.routes();
      requests.replaceAll((key, counts) -> same(requestsBefore.get(key), counts));
      routes.replaceAll((route, count) -> same(routesBefore.get(route), count));
    }
    return new CounterReading(nanoTime, requests, routes, retries);
  }

  /**
   * Adds what was counted since an earlier reading, summed by a key.
   *
   * @param buckets the number of buckets of durations
   */
  @SuppressWarnings("ReferenceEquality") // unchanged counts are the same object
  <K extends @Nullable Object> void addIncreases(
      CounterReading earlier, Function<CountKey, K> by, Map<K, Counts> increases, int buckets) {
    requests.forEach(
        (key, counts) -> {
          Counts before = earlier.requests.get(key);
          if (before != counts) {
            increases
                .computeIfAbsent(by.apply(key), fresh -> new Counts(buckets))
                .addIncrease(before, counts);
          }
        });
  }

  /** The time between two readings. */
  static double seconds(CounterReading earlier, CounterReading later) {
    return (double) (later.nanoTime() - earlier.nanoTime()) / TimeUnit.SECONDS.toNanos(1);
  }

  private static <T> T same(@Nullable T before, T now) {
    return before != null && before.equals(now) ? before : now;
  }
}
