package dev.understudy.admin.port;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Counts the bytes written for one client that it has not read yet, and adds them to the total of
 * all clients. The connection's event loop counts; any thread may close the connection meanwhile,
 * so that number and end are one state, and exactly what was added is given back.
 *
 * <p>Thread-safe.
 */
final class UnsentBytes {
  private static final long CLOSED = -1;

  private final AtomicLong held = new AtomicLong();
  private final LongConsumer total;

  /**
   * @param total is called with each change
   */
  UnsentBytes(LongConsumer total) {
    this.total = total;
  }

  /** The bytes; 0 after {@link #close}. */
  long get() {
    return Math.max(0, held.get());
  }

  /** Adds bytes, or takes them away if negative; without effect after {@link #close}. */
  void add(long more) {
    long before =
        held.getAndAccumulate(more, (now, change) -> now == CLOSED ? CLOSED : now + change);
    if (before != CLOSED && more != 0) {
      total.accept(more);
    }
  }

  /** Takes away all, for ever; without effect the second time. */
  void close() {
    long before = held.getAndSet(CLOSED);
    if (before > 0) {
      total.accept(-before);
    }
  }
}
