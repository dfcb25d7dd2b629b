package dev.understudy.event;

import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The newest events of this replica, bounded and {@linkplain FairEventBuffer shared fairly}, and
 * those to come. Safe for any thread.
 */
public interface EventLog {
  /** Number of events kept. */
  int CAPACITY = 1_000;

  /**
   * An event with its place in history.
   *
   * @param id grows by one with each event, also over restarts if the history is kept
   */
  record Entry(long id, Instant at, Event event) implements FairEventBuffer.Item {
    @Override
    public @Nullable PoolId pool() {
      return event.pool();
    }

    @Override
    public Event.Kind kind() {
      return event.kind();
    }
  }

  /**
   * Returns the newest entries, oldest first, at most {@code limit}.
   *
   * @param pool the pool that they concern; null for all pools and the replica itself
   */
  List<Entry> newest(@Nullable PoolId pool, int limit);

  /** Adds an event; also those from outside the monitor, such as a rejected configuration. */
  void add(Event event);

  /**
   * Calls {@code listener} for each later entry, in order; it must return at once.
   *
   * @return ends the subscription when run
   */
  Runnable subscribe(Consumer<Entry> listener);
}
