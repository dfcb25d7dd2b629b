package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ReplicaContact;
import java.util.function.LongSupplier;

/**
 * Whether this replica is in touch: for {@code 2 * renew} after it sent the last renewal that came
 * back to it. The others count it for longer, so no replica is written off while it believes to
 * count.
 */
final class ContactLease implements ReplicaContact {
  private final LongSupplier nanoTime;
  private final long lasts;
  private volatile long until;
  private volatile boolean begun;

  ContactLease(LongSupplier nanoTime, long lasts) {
    this.nanoTime = nanoTime;
    this.lasts = lasts;
  }

  /**
   * Takes a renewal that is back; called on the loop.
   *
   * @param sent when it was sent, in nanoseconds of the loop's clock
   */
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

  /** Whether this replica has ever been in touch. */
  boolean hasBegun() {
    return begun;
  }

  /** Nanoseconds until contact ends if no renewal comes back; 0 before the first. */
  long left() {
    return begun ? until - nanoTime.getAsLong() : 0;
  }
}
