package dev.understudy.monitor;

import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The newest events of this replica, bounded, and those to come. Safe for any thread. */
public interface EventLog {
  /** How many events are kept. */
  int CAPACITY = 1_000;

  /**
   * An event with its place in history.
   *
   * @param id grows by one with each event, from 1
   */
  record Entry(long id, Instant at, Event event) {}

  /** The newest entries, oldest first, at most {@code limit}; of one pool if it is given. */
  List<Entry> newest(@Nullable PoolId pool, int limit);

  /** Adds an event that did not arise in the monitor, such as a configuration that was refused. */
  void add(Event event);

  /**
   * Calls {@code listener} for each entry to come, in order; it must return at once.
   *
   * @return ends the subscription when run
   */
  Runnable subscribe(Consumer<Entry> listener);
}
