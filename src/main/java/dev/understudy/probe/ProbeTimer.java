package dev.understudy.probe;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The timer of one probe, by the time that its event loop attended to it. Used on that loop. */
final class ProbeTimer {
  private final EventLoop loop;
  private final Runnable over;
  private AttendedTime time;
  private Future<?> timer;

  /**
   * Starts the timer.
   *
   * @param over called when the time is over
   */
  ProbeTimer(EventLoop loop, Duration timeout, Runnable over) {
    this.loop = loop;
    this.over = over;
    this.time = AttendedTime.of(timeout);
    this.timer = next();
  }

  void cancel() {
    timer.cancel(false);
  }

  private Future<?> next() {
    long part = time.part().toNanos();
    long planned = System.nanoTime() + part;
    return loop.schedule(() -> ended(planned), part, TimeUnit.NANOSECONDS);
  }

  private void ended(long planned) {
    time = time.after(Duration.ofNanos(System.nanoTime() - planned));
    if (time.isOver()) {
      over.run();
    } else {
      timer = next();
    }
  }
}
