package dev.understudy.agreement.quorum;

import dev.understudy.agreement.Loop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * A loop whose time moves only when a test says so. Everything runs on the test's thread, in the
 * order in which it is due.
 */
final class FakeLoop implements Loop {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** Close to the overflow, as System.nanoTime may be. */
  private static final long START_NANOS = Long.MAX_VALUE - 1_000_000_000L;

  private record Planned(Instant due, long order, Runnable task) {}

  private final PriorityQueue<Planned> timers =
      new PriorityQueue<>(Comparator.comparing(Planned::due).thenComparing(Planned::order));
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private Instant now = START;
  private long planned;

  @Override
  public Instant now() {
    return now;
  }

  @Override
  public long nanoTime() {
    return START_NANOS + Duration.between(START, now).toNanos();
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Duration positive = delay.isNegative() ? Duration.ZERO : delay;
    Planned timer = new Planned(now.plus(positive), planned++, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  /** Milliseconds since the start. */
  long millis() {
    return Duration.between(START, now).toMillis();
  }

  /** Runs what is due now. */
  void settle() {
    advance(0);
  }

  /** Moves time on, running each timer at the moment it is due. */
  void advance(long millis) {
    Instant end = now.plusMillis(millis);
    runTasks();
    for (Planned next = timers.peek();
        next != null && !next.due().isAfter(end);
        next = timers.peek()) {
      timers.remove(next);
      if (next.due().isAfter(now)) {
        now = next.due();
      }
      next.task().run();
      runTasks();
    }
    now = end;
  }

  /** Moves time on while the process stands still: what was due meanwhile runs late. */
  void pause(long millis) {
    now = now.plusMillis(millis);
    settle();
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
