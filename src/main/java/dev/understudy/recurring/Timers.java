package dev.understudy.recurring;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The timers of one thread. */
@FunctionalInterface
public interface Timers {
  /** A scheduled task. */
  @FunctionalInterface
  interface Timer {
    /** Cancels the task if it has not begun; has no effect otherwise. */
    void cancel();
  }

  /** Runs {@code task} on the thread after {@code delay}. Has no effect once closed. */
  Timer schedule(Duration delay, Runnable task);

  /** Those of an executor with one thread. */
  static Timers of(ScheduledExecutorService thread) {
    return (delay, task) -> {
      Future<?> timer = thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> timer.cancel(false);
    };
  }
}
