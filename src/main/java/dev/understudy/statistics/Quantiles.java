package dev.understudy.statistics;

import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Estimates quantiles of durations from counts in buckets. */
final class Quantiles {
  private Quantiles() {}

  /**
   * Estimates a quantile as Prometheus' {@code histogram_quantile} does: within a bucket durations
   * are taken to be spread evenly, and a quantile in the last bucket, which has no upper bound, is
   * its lower one.
   *
   * @param quantile from 0 to 1
   * @param counts the durations in each bucket
   * @param boundsNanos the upper bounds of all buckets but the last
   * @return milliseconds, rounded to three significant digits; null if nothing was counted
   */
  static @Nullable Double millis(double quantile, long[] counts, long[] boundsNanos) {
    long total = LongStream.of(counts).sum();
    if (total == 0) {
      return null;
    }
    double rank = quantile * total;
    long below = 0;
    int bucket = 0;
    while (bucket < boundsNanos.length && below + counts[bucket] < rank) {
      below += counts[bucket++];
    }
    double lower = bucket == 0 ? 0 : boundsNanos[bucket - 1];
    if (bucket == boundsNanos.length) {
      return rounded(lower / 1e6);
    }
    // The first bucket that reaches rank 0 may be empty.
    double share = counts[bucket] == 0 ? 0 : (rank - below) / counts[bucket];
    return rounded((lower + (boundsNanos[bucket] - lower) * share) / 1e6);
  }

  private static double rounded(double value) {
    if (value <= 0) {
      return 0;
    }
    double unit = Math.pow(10, 2 - Math.floor(Math.log10(value)));
    return Math.round(value * unit) / unit;
  }
}
