package dev.understudy.agreement;

import java.time.Duration;
import java.time.Instant;

/**
 * The one thread that decides, with its timers and its clocks. Tasks run one at a time, timers in
 * the order in which they are due.
 */
public interface Loop {
  /** A task that was planned. */
  @FunctionalInterface
  interface Timer {
    /** Takes the task back if it has not begun; harmless otherwise. */
    void cancel();
  }

  /** Wall-clock time that never steps back; from any thread. */
  Instant now();

  /** Monotonic time, comparable within this process only; from any thread. */
  long nanoTime();

  /** Runs {@code task} on the thread soon; from any thread. Nothing once closed. */
  void execute(Runnable task);

  /** Runs {@code task} on the thread after {@code delay}. Nothing once closed. */
  Timer schedule(Duration delay, Runnable task);
}
