package dev.understudy.agreement.quorum;

import dev.understudy.agreement.Contact;
import java.util.function.LongSupplier;

/**
 * Until when this replica is in touch: {@code 2 * renew} after it sent the last renewal that came
 * back to it. The others count it for longer, so nobody is written off while it believes to count.
 */
final class Touch implements Contact {
  private final LongSupplier nanoTime;
  private final long lasts;
  private volatile long until;
  private volatile boolean begun;

  Touch(LongSupplier nanoTime, long lasts) {
    this.nanoTime = nanoTime;
    this.lasts = lasts;
  }

  /** A renewal that was sent then has come back. On the loop. */
  void renewed(long sent) {
    if (!begun || sent + lasts - until > 0) {
      until = sent + lasts;
      begun = true;
    }
  }

  @Override
  public boolean holds() {
    return begun && nanoTime.getAsLong() - until < 0;
  }

  /** Whether it ever was. */
  boolean hasBegun() {
    return begun;
  }

  /** Until it ends, if nothing comes. */
  long left() {
    return begun ? until - nanoTime.getAsLong() : 0;
  }
}
