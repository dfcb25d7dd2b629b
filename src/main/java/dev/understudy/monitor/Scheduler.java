package dev.understudy.monitor;

import java.time.Duration;
import java.time.Instant;

/**
 * The monitor's one thread with its timers and its clock. Tasks run one at a time, timers in the
 * order in which they are due.
 */
interface Scheduler extends AutoCloseable {
  /** A task that was planned. */
  @FunctionalInterface
  interface Timer {
    /** Takes the task back if it has not begun; harmless otherwise. */
    void cancel();
  }

  /** Wall-clock time that never steps back; from any thread. */
  Instant now();

  /** By the clock of {@link ServerTraffic#lastByteNanos}; from any thread. */
  long nanoTime();

  /** Runs {@code task} on the monitor's thread soon; from any thread. Nothing once closed. */
  void execute(Runnable task);

  /** Runs {@code task} on the monitor's thread after {@code delay}. Nothing once closed. */
  Timer schedule(Duration delay, Runnable task);

  /** Forgets all tasks and timers that have not begun. */
  @Override
  void close();
}
