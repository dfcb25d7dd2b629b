package dev.understudy.statistics;

import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rates of the last 15 minutes, of each pool and of the whole replica, in {@link #STEPS} steps
 * of {@link #STEP}. A step is as long as the time between the first readings in it and in the next
 * one; a reading that comes late spreads its increase over the steps that it missed.
 *
 * <p>Takes 1.1 KB for a pool that had requests, nothing for any other. Not safe for concurrent use.
 */
final class RateHistory {
  static final Duration STEP = Duration.ofSeconds(10);
  static final int STEPS = 90;

  private final long[] boundsNanos;
  private final RateRing all = new RateRing();
  private final Map<PoolId, RateRing> pools = new HashMap<>();
  private @Nullable CounterReading begin;
  private Instant end = Instant.EPOCH;
  private int known;

  /** Creates an empty history for counts with those bounds of their buckets. */
  RateHistory(long[] boundsNanos) {
    this.boundsNanos = boundsNanos.clone();
  }

  /**
   * Takes a reading that is newer than all others.
   *
   * @param configured the pools to keep
   * @param now the snapshots' time of the reading
   */
  void add(CounterReading reading, Set<PoolId> configured, Instant now) {
    long step = step(reading);
    if (begin == null) {
      begin = reading;
    } else if (step > step(begin)) {
      put(begin, reading);
      known = (int) Math.min(STEPS, known + step - step(begin));
      begin = reading;
      pools.keySet().retainAll(configured);
    } else {
      return;
    }
    end =
        now.minusNanos(Math.floorMod(reading.nanoTime(), STEP.toNanos()))
            .truncatedTo(ChronoUnit.MILLIS);
  }

  private void put(CounterReading from, CounterReading to) {
    Map<@Nullable PoolId, Counts> increases = new HashMap<>();
    to.addIncreases(from, CountKey::pool, increases, boundsNanos.length + 1);
    Counts sum = new Counts(boundsNanos.length + 1);
    increases.forEach(
        (pool, increase) -> {
          sum.addAll(increase);
          if (pool != null) {
            pools.computeIfAbsent(pool, fresh -> new RateRing());
          }
        });
    double seconds = CounterReading.seconds(from, to);
    long last = step(to);
    long first = Math.max(step(from), last - STEPS);
    put(all, first, last, Rates.of(sum, seconds, boundsNanos));
    pools.forEach(
        (pool, ring) -> {
          Counts increase = increases.get(pool);
          put(
              ring,
              first,
              last,
              increase == null ? Rates.NONE : Rates.of(increase, seconds, boundsNanos));
        });
  }

  private static void put(RateRing ring, long first, long last, Rates rates) {
    for (long step = first; step < last; step++) {
      ring.put(step, rates);
    }
  }

  private static long step(CounterReading reading) {
    return Math.floorDiv(reading.nanoTime(), STEP.toNanos());
  }

  private long lastStep() {
    return begin == null ? 0 : step(begin);
  }

  /** The end of the newest step, by the snapshots' clock. */
  Instant end() {
    return end;
  }

  /** The whole replica, requests that no pool got included. */
  RateSeries all() {
    return all.series(lastStep(), known);
  }

  /** One pool; zeros if it had no requests. */
  RateSeries pool(PoolId pool) {
    return pools.getOrDefault(pool, new RateRing()).series(lastStep(), known);
  }

  /** The requests per second of each pool that had any, by its name. */
  Map<String, List<Double>> requests() {
    Map<String, List<Double>> requests = new TreeMap<>();
    pools.forEach((pool, ring) -> requests.put(pool.value(), ring.requests(lastStep(), known)));
    return requests;
  }
}
