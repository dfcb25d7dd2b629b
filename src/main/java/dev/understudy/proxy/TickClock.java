package dev.understudy.proxy;

import java.util.concurrent.TimeUnit;

/**
 * One event loop's time as its ticks count it. A tick that comes late, because this process had a
 * pause, moves it by one period only, and nothing is to be judged in it: a pause of ours counts
 * against nobody.
 */
final class TickClock {
  static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private long now;
  private long lastNanos;
  private boolean voided;

  /** Time goes on from here; what came before is not counted. */
  void start(long nanoTime) {
    lastNanos = nanoTime;
  }

  /**
   * Counts one tick.
   *
   * @return whether what waits may be judged. What arrived during a pause is read before the next
   *     tick; that one judges, late or not, so that constant overload does not void all time limits
   */
  boolean tick(long nanoTime) {
    long elapsed = nanoTime - lastNanos;
    lastNanos = nanoTime;
    boolean late = elapsed > 2 * PERIOD_NANOS;
    now += late ? PERIOD_NANOS : elapsed;
    voided = late && !voided;
    return !voided;
  }

  /** Nanoseconds that have been counted. */
  long now() {
    return now;
  }

  /** A moment that is not before the present one, to measure {@code now() - mark} from. */
  long mark() {
    return now + PERIOD_NANOS;
  }
}
