package dev.understudy.telemetry;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long what has the same labels took: a histogram, a sum and the largest, all in one array. A
 * timer of Micrometer's is a dozen objects, and with thousands of routes hardly any of them is in
 * the processor's cache when it is written. Safe for any thread.
 */
final class Durations {
  private static final Buckets BUCKETS = Buckets.REQUEST;

  private static final int SUM = 0;

  /** The largest of the time that runs, and of the one before. */
  private static final int LARGEST = 1;

  private static final int LARGEST_BEFORE = 2;

  /** Of the first bucket; the last one is of what exceeds all bounds. */
  private static final int COUNTS = 3;

  private final AtomicLongArray values = new AtomicLongArray(COUNTS + BUCKETS.count() + 1);

  void record(long nanos) {
    long taken = Math.max(0, nanos);
    values.getAndAdd(SUM, taken);
    values.getAndIncrement(COUNTS + BUCKETS.index(taken));
    if (taken > values.getPlain(LARGEST)) {
      values.accumulateAndGet(LARGEST, taken, Math::max);
    }
  }

  /** A new time begins. */
  void rotate() {
    values.set(LARGEST_BEFORE, values.getAndSet(LARGEST, 0));
  }

  HistogramDataPointSnapshot histogram(Labels labels) {
    long[] counts = new long[BUCKETS.count() + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = values.get(COUNTS + i);
    }
    return HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(ClassicHistogramBuckets.of(BUCKETS.boundsSeconds(), counts))
        .sum(seconds(values.get(SUM)))
        .build();
  }

  GaugeDataPointSnapshot largest(Labels labels) {
    return GaugeDataPointSnapshot.builder()
        .labels(labels)
        .value(seconds(Math.max(values.get(LARGEST), values.get(LARGEST_BEFORE))))
        .build();
  }

  private static double seconds(long nanos) {
    return (double) nanos / TimeUnit.SECONDS.toNanos(1);
  }
}
