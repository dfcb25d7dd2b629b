package dev.understudy.telemetry;

import dev.understudy.traffic.TraceContext;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * References from buckets of {@code understudy_requests_seconds} to traces of requests in them, for
 * scrapes in OpenMetrics: of each bucket the newest sampled request. A table of fixed size, created
 * with the first sampled request: where two buckets share a slot, the newer exemplar stays. Safe
 * for any thread.
 */
final class RequestExemplars {
  /** The maximum number of exemplars in the process; a power of two. */
  static final int CAPACITY = 4_096;

  private record Kept(RequestSeries series, int bucket, Exemplar exemplar) {}

  private final InstantSource clock;
  private volatile @Nullable AtomicReferenceArray<@Nullable Kept> slots;

  RequestExemplars(InstantSource clock) {
    this.clock = clock;
  }

  /** Keeps the reference, if the trace is sampled. */
  void keep(RequestSeries series, long durationNanos, TraceContext trace) {
    if (!trace.sampled()) {
      return;
    }
    int bucket = RequestSeries.bucket(durationNanos);
    Exemplar exemplar =
        Exemplar.builder()
            .value((double) durationNanos / TimeUnit.SECONDS.toNanos(1))
            .traceId(trace.traceId())
            .spanId(trace.spanId())
            .timestampMillis(clock.millis())
            .build();
    slots().set(slot(series, bucket), new Kept(series, bucket, exemplar));
  }

  private AtomicReferenceArray<@Nullable Kept> slots() {
    AtomicReferenceArray<@Nullable Kept> known = slots;
    if (known == null) {
      synchronized (this) {
        known = slots;
        if (known == null) {
          known = new AtomicReferenceArray<>(CAPACITY);
          slots = known;
        }
      }
    }
    return known;
  }

  private static int slot(RequestSeries series, int bucket) {
    int hash = System.identityHashCode(series) * 31 + bucket;
    return (hash ^ hash >>> 16) & CAPACITY - 1;
  }

  /** The exemplars of a series; empty without any. */
  Exemplars of(RequestSeries series) {
    AtomicReferenceArray<@Nullable Kept> known = slots;
    if (known == null) {
      return Exemplars.EMPTY;
    }
    List<Exemplar> found = new ArrayList<>();
    for (int bucket = 0; bucket < RequestSeries.BUCKET_COUNT; bucket++) {
      Kept kept = known.get(slot(series, bucket));
      if (kept != null && kept.bucket() == bucket && kept.series().equals(series)) {
        found.add(kept.exemplar());
      }
    }
    return Exemplars.of(found);
  }
}
