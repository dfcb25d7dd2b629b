package dev.understudy.proxy;

/**
 * One event loop's time as its ticks count it. A tick that comes late, because this process had a
 * pause, moves it by one period only, and nothing is to be judged in it: a pause of ours counts
 * against nobody.
 */
public final class TickClock {
  private final long periodNanos;

  private long now;
  private long lastNanos;
  private boolean voided;

  /**
   * A clock that stands still until it is started.
   *
   * @param periodNanos from one tick to the next
   */
  public TickClock(long periodNanos) {
    this.periodNanos = periodNanos;
  }

  /** Time goes on from here; what came before is not counted. */
  public void start(long nanoTime) {
    lastNanos = nanoTime;
  }

  /**
   * Counts one tick.
   *
   * @return whether what waits may be judged. What arrived during a pause is read before the next
   *     tick; that one judges, late or not, so that constant overload does not void all time limits
   */
  public boolean tick(long nanoTime) {
    long elapsed = nanoTime - lastNanos;
    lastNanos = nanoTime;
    boolean late = elapsed > 2 * periodNanos;
    now += late ? periodNanos : elapsed;
    voided = late && !voided;
    return !voided;
  }

  /** Nanoseconds that have been counted. */
  public long now() {
    return now;
  }

  /** A moment that is not before the present one, to measure {@code now() - mark} from. */
  public long mark() {
    return now + periodNanos;
  }
}
