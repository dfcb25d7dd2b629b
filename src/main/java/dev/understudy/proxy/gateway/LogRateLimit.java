package dev.understudy.proxy.gateway;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Rate limit for a log line that requests can cause: one line in ten seconds. */
final class LogRateLimit {
  /** Returned if the line must not be written. */
  static final long SILENT = -1;

  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier nanos;
  private final AtomicLong next;
  private final AtomicLong leftOut = new AtomicLong();

  LogRateLimit() {
    this(System::nanoTime);
  }

  LogRateLimit(LongSupplier nanos) {
    this.nanos = nanos;
    this.next = new AtomicLong(nanos.getAsLong());
  }

  /**
   * Asks to write a line: returns the number of lines suppressed since the last one, or {@link
   * #SILENT} if this one is suppressed too.
   */
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
