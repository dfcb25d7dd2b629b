package dev.understudy.proxy.listener;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/**
 * How late the tasks of one event loop run: a task every {@link #PERIOD_NANOS}, until nobody has
 * asked for {@link #IDLE_NANOS}. Used on that event loop, unless said otherwise.
 */
final class LoopLag {
  static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** The longest lag is remembered for at least this time, and for at most twice this time. */
  static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final EventLoop loop;
  private boolean running;
  private long lastAsked;
  private long due;
  private long rotated;
  private long longest;
  private long longestBefore;

  /** The connections when the event loop was read last; read by any thread. */
  volatile int connections;

  /** Creates a meter that does not run. */
  LoopLag(EventLoop loop) {
    this.loop = loop;
  }

  /**
   * Goes on measuring for a while.
   *
   * @param own the lag of the task that asks
   * @return the longest lag of the last seconds
   */
  long asked(long own, long now) {
    lastAsked = now;
    if (!running) {
      running = true;
      rotated = now;
      longest = 0;
      longestBefore = 0;
      plan(now);
    }
    note(own, now);
    return Math.max(longest, longestBefore);
  }

  private void plan(long now) {
    due = now + PERIOD_NANOS;
    var unused = loop.schedule(this::tick, PERIOD_NANOS, TimeUnit.NANOSECONDS);
  }

  private void tick() {
    long now = System.nanoTime();
    note(Math.max(0, now - due), now);
    running = now - lastAsked < IDLE_NANOS && !loop.isShuttingDown();
    if (running) {
      plan(now);
    }
  }

  private void note(long lag, long now) {
    if (now - rotated >= KEPT_NANOS) {
      rotated = now;
      longestBefore = longest;
      longest = 0;
    }
    longest = Math.max(longest, lag);
  }
}
