package dev.understudy.monitor;

import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the snapshot: at the end of each of the monitor's tasks that changed what the data
 * plane goes by, and within {@link #SOON} of anything that is only shown, such as a probe that said
 * what the one before had said.
 */
final class Publisher {
  static final Duration SOON = Duration.ofMillis(100);

  private static final Logger log = LoggerFactory.getLogger(Publisher.class);

  private final Scheduler scheduler;
  private final List<Consumer<Snapshot>> listeners = new CopyOnWriteArrayList<>();
  private final Map<PoolId, PoolState> states = new HashMap<>();
  private final Set<PoolController> outdated = new LinkedHashSet<>();
  private final Queue<Runnable> whenPublished = new ArrayDeque<>();
  private volatile Snapshot current = Snapshot.EMPTY;
  private boolean now;
  private boolean soon;

  /** Publishes nothing yet; {@code scheduler} calls {@link #flush} after each task. */
  Publisher(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** From any thread. */
  Snapshot current() {
    return current;
  }

  /** From any thread. */
  Runnable subscribe(Consumer<Snapshot> listener) {
    Consumer<Snapshot> subscription = snapshot -> tell(listener, snapshot);
    listeners.add(subscription);
    return () -> listeners.remove(subscription);
  }

  /** That pool is to be published when the current task ends. */
  void changed(PoolController pool) {
    outdated.add(pool);
    now = true;
  }

  /** That pool is to be published soon. */
  void touched(PoolController pool) {
    outdated.add(pool);
    if (!soon) {
      soon = true;
      scheduler.schedule(SOON, this::itIsTime);
    }
  }

  /** There is no such pool any more. */
  void removed(PoolController pool) {
    outdated.remove(pool);
    states.remove(pool.id());
    now = true;
  }

  /** Runs {@code task} when the current task has ended and the snapshot shows what it did. */
  void whenPublished(Runnable task) {
    whenPublished.add(task);
  }

  /** A task of the monitor has ended. */
  void flush() {
    if (now) {
      now = false;
      publish();
    }
    for (Runnable task = whenPublished.poll(); task != null; task = whenPublished.poll()) {
      task.run();
    }
  }

  private void itIsTime() {
    soon = false;
    now |= !outdated.isEmpty();
  }

  private void publish() {
    for (PoolController pool : outdated) {
      states.put(pool.id(), pool.state());
    }
    outdated.clear();
    Snapshot next = new Snapshot(current.version() + 1, states);
    current = next;
    for (Consumer<Snapshot> listener : listeners) {
      listener.accept(next);
    }
  }

  private static void tell(Consumer<Snapshot> listener, Snapshot snapshot) {
    try {
      listener.accept(snapshot);
    } catch (RuntimeException e) {
      log.error("A listener failed on snapshot {}", snapshot.version(), e);
    }
  }
}
