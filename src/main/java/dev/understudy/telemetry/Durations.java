package dev.understudy.telemetry;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * The durations of one combination of labels: a histogram, a sum and a maximum, all in one array. A
 * Micrometer timer is a dozen objects, and with thousands of routes hardly any of them would be in
 * the processor's cache when it is written. Written under the lock of {@link RequestCounts}, read
 * by any thread.
 */
class Durations {
  private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);

  private static final Buckets BUCKETS = Buckets.REQUEST;

  private static final int SUM = 0;

  /** The maxima, in nanoseconds, of the current and of the previous period. */
  private static final int LARGEST = 1;

  private static final int LARGEST_BEFORE = 2;

  /** The first bucket; the last one counts durations that exceed all bounds. */
  private static final int COUNTS = 3;

  private final long[] values = new long[COUNTS + BUCKETS.count() + 1];

  /** Reads the values that {@link #record} will write, except the buckets of longer durations. */
  final long fetch() {
    return get(SUM) + get(COUNTS);
  }

  final void record(long nanos) {
    long taken = Math.max(0, nanos);
    int bucket = COUNTS + BUCKETS.index(taken);
    set(SUM, get(SUM) + taken);
    set(bucket, get(bucket) + 1);
    if (taken > get(LARGEST)) {
      set(LARGEST, taken);
    }
  }

  /** Starts a new period for the maximum. */
  final void rotate() {
    set(LARGEST_BEFORE, get(LARGEST));
    set(LARGEST, 0);
  }

  final HistogramDataPointSnapshot histogram(Labels labels) {
    long[] counts = new long[BUCKETS.count() + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = get(COUNTS + i);
    }
    return HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(ClassicHistogramBuckets.of(BUCKETS.boundsSeconds(), counts))
        .sum(seconds(get(SUM)))
        .build();
  }

  final GaugeDataPointSnapshot largest(Labels labels) {
    return GaugeDataPointSnapshot.builder()
        .labels(labels)
        .value(seconds(Math.max(get(LARGEST), get(LARGEST_BEFORE))))
        .build();
  }

  private void set(int index, long value) {
    VALUES.setOpaque(values, index, value);
  }

  private long get(int index) {
    return (long) VALUES.getOpaque(values, index);
  }

  private static double seconds(long nanos) {
    return (double) nanos / TimeUnit.SECONDS.toNanos(1);
  }
}
