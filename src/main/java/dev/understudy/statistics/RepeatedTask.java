package dev.understudy.statistics;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that is repeated although it fails. Failures are logged at most once a minute: the first
 * one with its stack trace, those of the minutes after it as their number. For one thread.
 */
final class RepeatedTask implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(RepeatedTask.class);
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Runnable task;
  private final LongSupplier nanos;
  private long due;

  /** Failures in a row that are not logged yet. */
  private int failures;

  RepeatedTask(Runnable task, LongSupplier nanos) {
    this.task = task;
    this.nanos = nanos;
    this.due = nanos.getAsLong();
  }

  @Override
  public void run() {
    try {
      task.run();
      failures = 0;
    } catch (Throwable e) {
      // Errors too: a repetition that throws is not run again.
      failed(e);
    }
  }

  private void failed(Throwable failure) {
    failures++;
    long now = nanos.getAsLong();
    if (now - due < 0) {
      return;
    }
    due = now + PAUSE_NANOS;
    if (failures == 1) {
      log.error("A repeated task of the statistics failed", failure);
    } else {
      log.error(
          "A repeated task of the statistics failed {} times more in a row: {}",
          failures,
          failure.toString());
    }
    failures = 0;
  }
}
