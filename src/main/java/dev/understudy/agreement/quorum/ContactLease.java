package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ReplicaContact;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether this replica is in touch: for {@code 2 * renew} after it sent the last renewal that came
 * back to it. The others count it for longer, so no replica is written off while it believes to
 * count.
 *
 * <p>The clock that measures this may have stood still, with the machine. So contact also ends at a
 * gap between two ticks, and where the clock on the wall parts from the other by more than {@code
 * renew}; it begins again with a renewal that is sent after that.
 */
final class ContactLease implements ReplicaContact {
  private final LongSupplier nanoTime;
  private final Supplier<Duration> ahead;
  private final long lasts;
  private volatile long until;
  private volatile boolean begun;
  private volatile boolean ticking;
  private volatile long lastTick;
  private volatile Duration lastAhead = Duration.ZERO;

  /** When clocks were last found to be in doubt; earlier renewals count no more. On the loop. */
  private @Nullable Long doubted;

  /**
   * @param ahead by how much the clock on the wall is ahead of the other
   * @param lasts {@code 2 * renew}, in nanoseconds
   */
  ContactLease(LongSupplier nanoTime, Supplier<Duration> ahead, long lasts) {
    this.nanoTime = nanoTime;
    this.ahead = ahead;
    this.lasts = lasts;
  }

  /** Nanoseconds between two ticks. */
  long tick() {
    return lasts / 8;
  }

  /**
   * Looks at the clocks; to be called on the loop after each {@link #tick}.
   *
   * @return whether they are in doubt since the last time, and contact has ended
   */
  boolean ticked() {
    boolean doubt = isInDoubt();
    long now = nanoTime.getAsLong();
    if (doubt) {
      doubted = now;
      until = now;
    }
    if (doubt || !ticking) {
      lastAhead = ahead.get();
    }
    lastTick = now;
    ticking = true;
    return doubt;
  }

  private boolean isInDoubt() {
    return ticking && (nanoTime.getAsLong() - lastTick > lasts / 2 || hasParted());
  }

  /** Each request asks, so where nothing has changed, nothing is made. */
  private boolean hasParted() {
    Duration now = ahead.get();
    return !now.equals(lastAhead) && now.minus(lastAhead).abs().toNanos() > lasts / 2;
  }

  /**
   * Takes a renewal that is back; called on the loop.
   *
   * @param sent when it was sent, in nanoseconds of the loop's clock
   */
  void renewed(long sent) {
    if (doubted != null && sent - doubted < 0) {
      return;
    }
    if (!begun || sent + lasts - until > 0) {
      until = sent + lasts;
      begun = true;
    }
  }

  @Override
  public boolean holds() {
    return begun && nanoTime.getAsLong() - until < 0 && !isInDoubt();
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
