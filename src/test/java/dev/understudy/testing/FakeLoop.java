package dev.understudy.testing;

import dev.understudy.agreement.DecisionThread;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A loop whose time moves only when a test says so. Everything runs on the test's thread, in the
 * order in which it is due; what is due at the same time runs in the order of planning.
 */
public class FakeLoop implements DecisionThread, InstantSource {
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** Close to the overflow, as System.nanoTime may be. */
  private static final long START_NANOS = Long.MAX_VALUE - 1_000_000_000L;

  private record Planned(Instant due, long order, Runnable task) {}

  private final PriorityQueue<Planned> timers =
      new PriorityQueue<>(Comparator.comparing(Planned::due).thenComparing(Planned::order));

  /** Writers of files add to it from their threads. */
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  private Instant now = START;
  private Duration ahead = Duration.ZERO;
  private long planned;
  private boolean closed;

  @Override
  public Instant now() {
    return now;
  }

  @Override
  public Duration ahead() {
    return ahead;
  }

  /** Sets the clock on the wall, as when the machine is suspended, or its time is corrected. */
  public void stepWall(Duration by) {
    ahead = ahead.plus(by);
  }

  @Override
  public Instant instant() {
    return wall();
  }

  @Override
  public long nanoTime() {
    return START_NANOS + Duration.between(START, now).toNanos();
  }

  @Override
  public void execute(Runnable task) {
    if (!closed) {
      tasks.add(task);
    }
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    if (closed) {
      return () -> {};
    }
    Duration positive = delay.isNegative() ? Duration.ZERO : delay;
    Planned timer = new Planned(now.plus(positive), planned++, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  /** Drops all tasks and timers, now and later. */
  public void close() {
    closed = true;
    tasks.clear();
    timers.clear();
  }

  /** Runs what is due now. */
  public void settle() {
    advance(Duration.ZERO);
  }

  /** Moves time on, running each timer at the moment it is due. */
  public void advance(long millis) {
    advance(Duration.ofMillis(millis));
  }

  /** Moves time on, running each timer at the moment it is due. */
  public void advance(Duration by) {
    Instant end = now.plus(by);
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
  public void pause(long millis) {
    pause(Duration.ofMillis(millis));
  }

  /** Moves time on while the process stands still: what was due meanwhile runs late. */
  public void pause(Duration by) {
    now = now.plus(by);
    settle();
  }

  /** Milliseconds since the start. */
  public long millis() {
    return Duration.between(START, now).toMillis();
  }

  /** How many timers are planned. */
  public int pendingTimers() {
    return timers.size();
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
