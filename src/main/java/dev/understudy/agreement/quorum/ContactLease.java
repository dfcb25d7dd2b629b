package dev.understudy.agreement.quorum;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How long contact lasts. This replica counts for {@code 2 * renew} after it sent the last renewal
 * that came back to it: the others count it for longer, so no replica is written off while it
 * believes to count. It is informed for as long after that, or after it asked for the last list of
 * everything.
 *
 * <p>The clock that measures this may have stood still, with the machine. So contact also ends at a
 * gap between two ticks, and where the clock on the wall parts from the other by more than {@code
 * renew}; it begins again with a renewal or list that is sent after that.
 */
final class ContactLease {
  private final LongSupplier nanoTime;
  private final Supplier<Duration> ahead;
  private final long lasts;
  private final Term counted = new Term();
  private final Term informed = new Term();
  private volatile boolean ticking;
  private volatile long lastTick;
  private volatile Duration lastAhead = Duration.ZERO;

  /** When clocks were last found to be in doubt; what was sent earlier counts no more. */
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
      counted.until = now;
      informed.until = now;
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
    counted.extend(sent);
    informed.extend(sent);
  }

  /**
   * Takes a list of everything; called on the loop.
   *
   * @param sent when it was asked for, in nanoseconds of the loop's clock
   */
  void listed(long sent) {
    informed.extend(sent);
  }

  /** Whether this replica knows what the others have agreed on. */
  boolean informs() {
    return informed.lasts() && !isInDoubt();
  }

  /** Whether the others count this replica. */
  boolean counts() {
    return counted.lasts() && !isInDoubt();
  }

  /** Whether this replica has ever counted. */
  boolean hasCounted() {
    return counted.begun;
  }

  /** Nanoseconds until one of the two ends if nothing comes back; 0 if both have. */
  long left() {
    long untilUncounted = counted.left();
    return untilUncounted > 0 ? untilUncounted : Math.max(0, informed.left());
  }

  private final class Term {
    private volatile long until;
    private volatile boolean begun;

    void extend(long sent) {
      boolean isDoubted = doubted != null && sent - doubted < 0;
      if (!isDoubted && (!begun || sent + lasts - until > 0)) {
        until = sent + lasts;
        begun = true;
      }
    }

    boolean lasts() {
      return left() > 0;
    }

    long left() {
      return begun ? until - nanoTime.getAsLong() : 0;
    }
  }
}
