package dev.understudy.monitor;

import dev.understudy.event.Subscribers;
import dev.understudy.pool.PoolId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The monitor's thread, which publishes the snapshot: at the end of each task of the monitor that
 * changed a value the data plane uses, and within {@link #SOON} of a change that is only shown,
 * such as a probe with the same result as the one before.
 */
final class PublishingScheduler implements Scheduler {
  static final Duration SOON = Duration.ofMillis(500);

  private static final Logger log = LoggerFactory.getLogger(PublishingScheduler.class);

  private final Scheduler thread;
  private final Subscribers<Snapshot> subscribers =
      new Subscribers<>(log, "snapshot", Snapshot::version);
  private final Map<PoolId, PoolState> states = new HashMap<>();

  /** Pools whose states have changed, each with where the new one is. */
  private final Map<PoolId, Supplier<PoolState>> outdated = new LinkedHashMap<>();

  private final Queue<Runnable> whenPublished = new ArrayDeque<>();
  private volatile Snapshot current = Snapshot.EMPTY;
  private boolean now;
  private boolean soon;

  /** Begins with {@link Snapshot#EMPTY}. */
  PublishingScheduler(Scheduler thread) {
    this.thread = thread;
  }

  @Override
  public Instant now() {
    return thread.now();
  }

  @Override
  public Duration ahead() {
    return thread.ahead();
  }

  @Override
  public long nanoTime() {
    return thread.nanoTime();
  }

  @Override
  public void execute(Runnable task) {
    thread.execute(() -> run(task));
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return thread.schedule(delay, () -> run(task));
  }

  @Override
  public void close() {
    thread.close();
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      flush();
    }
  }

  /** The newest snapshot; callable from any thread. */
  Snapshot current() {
    return current;
  }

  /**
   * Adds a listener; callable from any thread.
   *
   * @return ends the subscription when run
   */
  Runnable subscribe(Consumer<Snapshot> listener) {
    return subscribers.add(listener);
  }

  /** Publishes {@code state} of a pool, as it is then, when the current task ends. */
  void changed(PoolId pool, Supplier<PoolState> state) {
    outdated.put(pool, state);
    now = true;
  }

  /** Publishes {@code state} of a pool, as it is then, within {@link #SOON}. */
  void touched(PoolId pool, Supplier<PoolState> state) {
    outdated.put(pool, state);
    if (!soon) {
      soon = true;
      schedule(Turns.untilNext(now(), SOON), this::publishDue);
    }
  }

  /** Publishes the removal of {@code pool} when the current task ends. */
  void removed(PoolId pool) {
    outdated.remove(pool);
    states.remove(pool);
    now = true;
  }

  /** Runs {@code task} when the current task has ended and the snapshot shows its effect. */
  void whenPublished(Runnable task) {
    whenPublished.add(task);
  }

  private void flush() {
    if (now) {
      now = false;
      publish();
    }
    for (Runnable task = whenPublished.poll(); task != null; task = whenPublished.poll()) {
      task.run();
    }
  }

  private void publishDue() {
    soon = false;
    now |= !outdated.isEmpty();
  }

  private void publish() {
    outdated.forEach((pool, state) -> states.put(pool, state.get()));
    outdated.clear();
    Snapshot next = new Snapshot(current.version() + 1, states);
    current = next;
    subscribers.accept(next);
  }
}
