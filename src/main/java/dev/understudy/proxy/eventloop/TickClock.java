package dev.understudy.proxy.eventloop;

/**
 * The time of one event loop, counted by its ticks. A late tick advances the clock by one period
 * only. The first of several in a row judges nothing, so that a pause of this process counts
 * against no client and no server.
 */
public final class TickClock {
  private final long periodNanos;

  private long now;
  private long lastNanos;
  private boolean voided;

  /**
   * Creates a clock that stands still until it is started.
   *
   * @param periodNanos time from one tick to the next, in nanoseconds
   */
  public TickClock(long periodNanos) {
    this.periodNanos = periodNanos;
  }

  /** Starts or resumes counting; the time before {@code nanoTime} does not count. */
  public void start(long nanoTime) {
    lastNanos = nanoTime;
  }

  /**
   * Counts one tick.
   *
   * @return whether time limits may be judged in this tick. Input that arrived during a pause is
   *     read before the next tick, which judges even if it is late, so that constant overload does
   *     not void all time limits
   */
  public boolean tick(long nanoTime) {
    long elapsed = nanoTime - lastNanos;
    lastNanos = nanoTime;
    boolean late = elapsed > 2 * periodNanos;
    now += late ? periodNanos : elapsed;
    voided = late && !voided;
    return !voided;
  }

  /** Nanoseconds counted so far. */
  public long now() {
    return now;
  }

  /**
   * A mark to measure {@code now() - mark} from: one period ahead, so that no wait is measured too
   * long.
   */
  public long mark() {
    return now + periodNanos;
  }
}
