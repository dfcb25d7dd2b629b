package dev.understudy.monitor;

import java.time.Duration;
import java.time.Instant;

/** A scheduler that publishes at the end of each task, if the task changed anything. */
final class PublishingScheduler implements Scheduler {
  private final Scheduler scheduler;
  private final Publisher publisher = new Publisher(this);

  PublishingScheduler(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  Publisher publisher() {
    return publisher;
  }

  @Override
  public Instant now() {
    return scheduler.now();
  }

  @Override
  public Duration ahead() {
    return scheduler.ahead();
  }

  @Override
  public long nanoTime() {
    return scheduler.nanoTime();
  }

  @Override
  public void execute(Runnable task) {
    scheduler.execute(() -> run(task));
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return scheduler.schedule(delay, () -> run(task));
  }

  @Override
  public void close() {
    scheduler.close();
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      publisher.flush();
    }
  }
}
