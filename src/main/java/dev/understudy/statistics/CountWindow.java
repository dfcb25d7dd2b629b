package dev.understudy.statistics;

import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The readings of the last {@link #LENGTH}, and the rates over them: from the newest reading that
 * is at least that old (the oldest one, in the first seconds) to the newest of all. Readings are
 * taken every five seconds at least, so the rates are those of the last 10 to 15 s.
 *
 * <p>A count that becomes less, as its route was removed, adds nothing for that one step.
 *
 * <p>Not safe for concurrent use.
 */
final class CountWindow {
  /** The time that rates cover. */
  static final Duration LENGTH = Duration.ofSeconds(10);

  private final Deque<CounterReading> readings = new ArrayDeque<>();
  private final long[] boundsNanos;

  /** Creates an empty window for counts with those bounds of their buckets. */
  CountWindow(long[] boundsNanos) {
    this.boundsNanos = boundsNanos.clone();
  }

  /** The newest reading; null before the first. */
  @Nullable CounterReading newest() {
    return readings.peekLast();
  }

  /** Adds a reading that is newer than all others, and drops those no longer needed. */
  void add(CounterReading reading) {
    readings.addLast(reading);
    long start = reading.nanoTime() - LENGTH.toNanos();
    while (readings.size() > 1 && second().nanoTime() - start <= 0) {
      readings.removeFirst();
    }
  }

  private CounterReading second() {
    var all = readings.iterator();
    all.next();
    return all.next();
  }

  /** The time that the rates cover now; 0 before the second reading. */
  double seconds() {
    return readings.size() < 2
        ? 0
        : CounterReading.seconds(readings.getFirst(), readings.getLast());
  }

  /** Counts of nothing, with as many buckets as all others. */
  Counts zero() {
    return new Counts(boundsNanos.length + 1);
  }

  /** The increases in the window, summed by a key. */
  <K extends @Nullable Object> Map<K, Counts> increases(Function<CountKey, K> by) {
    Map<K, Counts> increases = new HashMap<>();
    CounterReading before = null;
    for (CounterReading reading : readings) {
      if (before != null) {
        reading.addIncreases(before, by, increases, boundsNanos.length + 1);
      }
      before = reading;
    }
    return increases;
  }

  /** The rates that an increase over the window amounts to. */
  Rates rates(@Nullable Counts increase) {
    return increase == null ? Rates.NONE : Rates.of(increase, seconds(), boundsNanos);
  }

  /** Repeated attempts per second of each pool that had any. */
  Map<PoolId, Double> retries() {
    return rates(CounterReading::retries);
  }

  /** The requests per second of each route of the newest reading that had any. */
  Map<String, Double> routes() {
    Map<String, Double> rates = rates(CounterReading::routes);
    if (!readings.isEmpty()) {
      rates.keySet().retainAll(readings.getLast().routes().keySet());
    }
    return rates;
  }

  private <K> Map<K, Double> rates(Function<CounterReading, Map<K, Long>> counts) {
    Map<K, Long> increases = new HashMap<>();
    Map<K, Long> before = null;
    for (CounterReading reading : readings) {
      Map<K, Long> now = counts.apply(reading);
      if (before != null) {
        for (Map.Entry<K, Long> count : now.entrySet()) {
          long increase = count.getValue() - before.getOrDefault(count.getKey(), 0L);
          increases.merge(count.getKey(), Math.max(0, increase), Long::sum);
        }
      }
      before = now;
    }
    Map<K, Double> rates = new HashMap<>();
    increases.forEach((key, increase) -> rates.put(key, Rates.perSecond(increase, seconds())));
    return rates;
  }
}
