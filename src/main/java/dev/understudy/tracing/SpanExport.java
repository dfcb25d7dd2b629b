package dev.understudy.tracing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the spans between their end and the collector's response, and counts what becomes of them
 * in {@code understudy_spans_total}. A span beyond the bound is dropped. Losses are logged at most
 * once a minute. Safe for any thread; never blocks.
 */
final class SpanExport {
  private static final Logger log = LoggerFactory.getLogger(SpanExport.class);

  private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

  private static final int MAX_DEPTH = 10;

  private final int capacity;
  private final LongSupplier nanoTime;
  private final Counter exported;
  private final Counter failed;
  private final Counter dropped;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong nextReport;

  /**
   * Registers the counters.
   *
   * @param capacity the maximum number of spans that wait, those being sent included
   */
  SpanExport(int capacity, MeterRegistry registry) {
    this(capacity, registry, System::nanoTime);
  }

  SpanExport(int capacity, MeterRegistry registry, LongSupplier nanoTime) {
    this.capacity = capacity;
    this.nanoTime = nanoTime;
    this.nextReport = new AtomicLong(nanoTime.getAsLong());
    exported = counter(registry, "EXPORTED");
    failed = counter(registry, "FAILED");
    dropped = counter(registry, "DROPPED");
  }

  private static Counter counter(MeterRegistry registry, String outcome) {
    return Counter.builder("understudy.spans")
        .description("Sampled spans that ended")
        .tag("outcome", outcome)
        .register(registry);
  }

  /** Returns a processor that passes on as many spans as may wait. */
  SpanProcessor bounded(SpanProcessor next) {
    return new Bounded(next);
  }

  /**
   * Returns an exporter that passes spans to all of these and counts each span once, as exported if
   * all of them exported it.
   */
  SpanExporter counting(Collection<SpanExporter> all) {
    return new Counting(SpanExporter.composite(all));
  }

  private boolean enter() {
    if (waiting.incrementAndGet() > capacity) {
      waiting.decrementAndGet();
      dropped.increment();
      lost.incrementAndGet();
      return false;
    }
    return true;
  }

  private void left(int count, boolean success, @Nullable Throwable cause) {
    waiting.addAndGet(-count);
    (success ? exported : failed).increment(count);
    if (!success) {
      lost.addAndGet(count);
    }
    report(cause);
  }

  private void report(@Nullable Throwable cause) {
    long now = nanoTime.getAsLong();
    long due = nextReport.get();
    if (lost.get() > 0 && now - due >= 0 && nextReport.compareAndSet(due, now + PAUSE_NANOS)) {
      String reason = cause == null ? "too many at a time" : reason(cause);
      log.warn("{} spans were not exported: {}", lost.getAndSet(0), reason);
    }
  }

  /** The failure of the connection, or else what lies beneath it all. */
  private static String reason(Throwable cause) {
    Throwable inner = cause;
    for (int depth = 0;
        depth < MAX_DEPTH && !(inner instanceof IOException) && inner.getCause() != null;
        depth++) {
      inner = inner.getCause();
    }
    return inner.toString();
  }

  private final class Bounded implements SpanProcessor {
    private final SpanProcessor next;

    Bounded(SpanProcessor next) {
      this.next = next;
    }

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
      next.onStart(parent, span);
    }

    @Override
    public boolean isStartRequired() {
      return next.isStartRequired();
    }

    @Override
    public void onEnd(ReadableSpan span) {
      if (!span.getSpanContext().isSampled() || enter()) {
        next.onEnd(span);
      }
    }

    @Override
    public boolean isEndRequired() {
      return next.isEndRequired();
    }

    @Override
    public CompletableResultCode shutdown() {
      return next.shutdown();
    }

    @Override
    public CompletableResultCode forceFlush() {
      return next.forceFlush();
    }
  }

  private final class Counting implements SpanExporter {
    private final SpanExporter next;

    Counting(SpanExporter next) {
      this.next = next;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      int count = spans.size();
      CompletableResultCode result;
      try {
        result = next.export(spans);
      } catch (RuntimeException e) {
        result = CompletableResultCode.ofExceptionalFailure(e);
      }
      CompletableResultCode done = result;
      return done.whenComplete(() -> left(count, done.isSuccess(), done.getFailureThrowable()));
    }

    @Override
    public CompletableResultCode flush() {
      return next.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return next.shutdown();
    }
  }
}
