package dev.understudy.probe;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The timer of one check, which ends it by its {@link Deadline}. Used on its event loop. */
final class ProbeTimer {
  /** What a check has done so far. */
  @FunctionalInterface
  interface Progress {
    /** When it sent something last, by {@link System#nanoTime}. */
    long sentNanos();

    /** How many reads have brought something; none before its end of a call of another thread. */
    default long reads() {
      return 0;
    }
  }

  private final EventLoop loop;
  private final Progress progress;
  private final Runnable over;
  private Deadline deadline;
  private Future<?> timer;

  /**
   * Starts the timer.
   *
   * @param over called once, when the time is over
   */
  ProbeTimer(EventLoop loop, Duration timeout, Progress progress, Runnable over) {
    this.loop = loop;
    this.progress = progress;
    this.over = over;
    long now = System.nanoTime();
    deadline = Deadline.of(timeout, now);
    timer = next(now);
  }

  void cancel() {
    timer.cancel(false);
  }

  /** A task of the loop's next turn at the earliest, which reads before it runs its tasks. */
  private Future<?> next(long now) {
    return loop.schedule(this::look, Math.max(0, deadline.due() - now), TimeUnit.NANOSECONDS);
  }

  private void look() {
    long now = System.nanoTime();
    Deadline next = deadline.look(now, progress.sentNanos(), progress.reads());
    if (next.equals(deadline)) {
      over.run();
    } else {
      deadline = next;
      timer = next(now);
    }
  }
}
