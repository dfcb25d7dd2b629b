package dev.understudy.proxy.gateway;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** How often a line may be logged that requests can cause: once in ten seconds. */
final class LogBound {
  /** Says that a line is not to be written. */
  static final long SILENT = -1;

  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier nanos;
  private final AtomicLong next;
  private final AtomicLong leftOut = new AtomicLong();

  LogBound() {
    this(System::nanoTime);
  }

  LogBound(LongSupplier nanos) {
    this.nanos = nanos;
    this.next = new AtomicLong(nanos.getAsLong());
  }

  /** How many lines were left out since the last one; {@link #SILENT}: and so is this one. */
  long permit() {
    long now = nanos.getAsLong();
    long due = next.get();
    if (now - due >= 0 && next.compareAndSet(due, now + PAUSE_NANOS)) {
      return leftOut.getAndSet(0);
    }
    leftOut.incrementAndGet();
    return SILENT;
  }
}
