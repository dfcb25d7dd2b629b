package dev.understudy.statistics;

import dev.understudy.recurring.Recurring;
import dev.understudy.recurring.Timers;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread on which statistics are sampled and overviews are made, away from the event loops
 * and the monitor. A task that fails is logged, a repeated one at most once a minute, and repeated
 * all the same.
 *
 * <p>Not an {@code Executor} by type: Spring Boot creates no task executor beside a bean that is
 * one.
 */
public final class StatisticsThread implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StatisticsThread.class);

  private final ScheduledThreadPoolExecutor thread;

  /** Starts the thread with its first task. */
  public StatisticsThread() {
    thread =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("understudy-statistics").daemon().unstarted(task));
    thread.setRemoveOnCancelPolicy(true);
  }

  /**
   * Runs the task; a failure is logged.
   *
   * @throws RejectedExecutionException if the thread was closed
   */
  public void execute(Runnable task) {
    thread.execute(() -> run(task));
  }

  /**
   * Runs the task after each period, the first time after one.
   *
   * @return ends the repetition when run
   */
  public Runnable every(Duration period, Runnable task) {
    Recurring repeated =
        Recurring.of(Timers.of(thread), period, new RepeatedTask(task, System::nanoTime));
    thread.execute(() -> repeated.startAfter(period));
    return () -> {
      if (!thread.isShutdown()) {
        thread.execute(repeated::stop);
      }
    };
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      // Errors too: nobody else tells of them.
      log.error("A task of the statistics failed", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
