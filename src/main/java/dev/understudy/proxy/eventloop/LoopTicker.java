package dev.understudy.proxy.eventloop;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/**
 * The coarse tick of one event loop, which replaces a timer for each time limit. Runs while there
 * is something to check.
 */
public final class LoopTicker {
  /** Checks time limits. */
  @FunctionalInterface
  public interface Check {
    /**
     * Called at each tick.
     *
     * @param valid whether time limits may be judged; see {@link TickClock#tick}
     * @param nanoTime the time of the tick by {@link System#nanoTime}
     * @return whether another tick is needed
     */
    boolean tick(boolean valid, long nanoTime);
  }

  private final EventLoop loop;
  private final long periodNanos;
  private final Check check;
  private final TickClock clock;
  private boolean ticking;

  /** Creates a ticker that does not run. */
  public LoopTicker(EventLoop loop, long periodNanos, Check check) {
    this.loop = loop;
    this.periodNanos = periodNanos;
    this.check = check;
    this.clock = new TickClock(periodNanos);
  }

  /** The clock that counts the ticks. */
  public TickClock clock() {
    return clock;
  }

  /** Starts the tick if it does not run. */
  public void start() {
    if (!ticking) {
      ticking = true;
      clock.start(System.nanoTime());
      plan();
    }
  }

  private void plan() {
    var unused = loop.schedule(this::tick, periodNanos, TimeUnit.NANOSECONDS);
  }

  private void tick() {
    // The tick goes on whatever fails, above all a listener.
    boolean needed = true;
    try {
      long nanoTime = System.nanoTime();
      needed = check.tick(clock.tick(nanoTime), nanoTime);
    } finally {
      ticking = needed && !loop.isShuttingDown();
      if (ticking) {
        plan();
      }
    }
  }
}
