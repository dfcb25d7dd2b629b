package dev.understudy.systemd;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Checks that threads still run the tasks given to them, for the watchdog. One caller at a time.
 */
final class ThreadLiveness {
  private final Iterable<? extends Executor> threads;

  /** The threads that have not yet run the last beat. */
  private final AtomicInteger silent = new AtomicInteger();

  ThreadLiveness(Iterable<? extends Executor> threads) {
    this.threads = threads;
  }

  /** Whether all threads have run the beat of the previous call; then sends the next one. */
  boolean allRanLastTask() {
    if (silent.get() > 0) {
      return false;
    }
    for (Executor thread : threads) {
      silent.incrementAndGet();
      try {
        thread.execute(silent::decrementAndGet);
      } catch (RejectedExecutionException e) {
        // The thread has ended and stays counted.
        return false;
      }
    }
    return true;
  }
}
