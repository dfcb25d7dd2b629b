package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.RequestEnd;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The durations of a route's requests that share all labels: a histogram, a sum and a maximum, and
 * the bytes of their bodies, all in one array. A Micrometer timer is a dozen objects, and with
 * thousands of routes hardly any of them would be in the processor's cache when it is written. Safe
 * for any thread.
 */
final class RequestSeries {
  private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);

  private static final Buckets BUCKETS = Buckets.REQUEST;

  private static final int SUM = 0;

  private static final int BYTES_IN = 1;
  private static final int BYTES_OUT = 2;

  /** The maxima, in nanoseconds, of the current and of the previous period. */
  private static final int LARGEST = 3;

  private static final int LARGEST_BEFORE = 4;

  /** The first bucket; the last one counts durations that exceed all bounds. */
  private static final int COUNTS = 5;

  /** The number of buckets, with the unbounded one. */
  static final int BUCKET_COUNT = BUCKETS.count() + 1;

  final @Nullable PoolId pool;
  final @Nullable ServerId server;
  final int statusClass;
  final RequestEnd outcome;
  private final long[] values = new long[COUNTS + BUCKET_COUNT];

  RequestSeries(
      @Nullable PoolId pool, @Nullable ServerId server, int statusClass, RequestEnd outcome) {
    this.pool = pool;
    this.server = server;
    this.statusClass = statusClass;
    this.outcome = outcome;
  }

  String outcome() {
    return outcome.name();
  }

  boolean is(
      @Nullable PoolId wantedPool,
      @Nullable ServerId wantedServer,
      int wantedClass,
      RequestEnd wantedOutcome) {
    return statusClass == wantedClass
        && outcome.equals(wantedOutcome)
        && Objects.equals(pool, wantedPool)
        && Objects.equals(server, wantedServer);
  }

  /** The first digit of a status from 100 to 599; 0 for any other. */
  static int statusClass(int status) {
    return status >= 100 && status < 600 ? status / 100 : 0;
  }

  /** The index of the bucket that a duration is counted in. */
  static int bucket(long nanos) {
    return BUCKETS.index(Math.max(0, nanos));
  }

  /** Counts a request. */
  void record(long nanos, long bytesIn, long bytesOut) {
    long taken = Math.max(0, nanos);
    VALUES.getAndAdd(values, SUM, taken);
    VALUES.getAndAdd(values, COUNTS + bucket(taken), 1L);
    if (bytesIn != 0) {
      VALUES.getAndAdd(values, BYTES_IN, bytesIn);
    }
    if (bytesOut != 0) {
      VALUES.getAndAdd(values, BYTES_OUT, bytesOut);
    }
    long largest = get(LARGEST);
    while (taken > largest && !VALUES.compareAndSet(values, LARGEST, largest, taken)) {
      largest = get(LARGEST);
    }
  }

  /** Starts a new period for the maximum. */
  void rotate() {
    VALUES.setVolatile(values, LARGEST_BEFORE, (long) VALUES.getAndSet(values, LARGEST, 0L));
  }

  long bytesIn() {
    return get(BYTES_IN);
  }

  long bytesOut() {
    return get(BYTES_OUT);
  }

  /** Copies the number of requests in each bucket. */
  void copyCounts(long[] to) {
    for (int i = 0; i < BUCKET_COUNT; i++) {
      to[i] = get(COUNTS + i);
    }
  }

  HistogramDataPointSnapshot histogram(Labels labels, Exemplars exemplars) {
    long[] counts = new long[BUCKET_COUNT];
    copyCounts(counts);
    return HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(ClassicHistogramBuckets.of(BUCKETS.boundsSeconds(), counts))
        .sum(seconds(get(SUM)))
        .exemplars(exemplars)
        .build();
  }

  GaugeDataPointSnapshot largest(Labels labels) {
    return GaugeDataPointSnapshot.builder()
        .labels(labels)
        .value(seconds(Math.max(get(LARGEST), get(LARGEST_BEFORE))))
        .build();
  }

  private long get(int index) {
    return (long) VALUES.getVolatile(values, index);
  }

  private static double seconds(long nanos) {
    return (double) nanos / TimeUnit.SECONDS.toNanos(1);
  }
}
