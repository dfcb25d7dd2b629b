package dev.understudy.admin;

import dev.understudy.history.History;
import dev.understudy.history.StoredEvent;
import dev.understudy.pool.PoolId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The history for one reader: missed events first, then new ones, each once and in order.
 * Subscribed to the history from its construction until it is closed.
 */
final class EventFeed implements AutoCloseable {
  private final @Nullable PoolId pool;
  private final StreamReader<StoredEvent> live;
  private final List<StoredEvent> missed;
  private final Runnable unsubscribe;

  /**
   * @param pool limits the events to one pool; null for all
   * @param lastSeen the id of the last event that the reader has; null for new events only
   * @param buffer the maximum number of events that wait for the reader
   */
  EventFeed(History history, @Nullable PoolId pool, @Nullable String lastSeen, int buffer) {
    this.pool = pool;
    live = new StreamReader<>(buffer);
    // Before the history is read, so that no event is lost between; events() drops duplicates.
    unsubscribe = history.subscribe(this::offer);
    missed = lastSeen == null ? List.of() : history.missed(pool, lastSeen);
  }

  private void offer(StoredEvent event) {
    if (pool == null || pool.equals(event.pool())) {
      live.offer(event);
    }
  }

  /** The events; can be subscribed to once, and fails with {@link StreamReader.TooSlow}. */
  Flux<StoredEvent> events() {
    long newest = missed.isEmpty() ? 0 : missed.getLast().id();
    return Flux.fromIterable(missed)
        .concatWith(live.events().filter(event -> event.id() > newest))
        // While the missed ones are read, too.
        .takeUntilOther(live.failure());
  }

  @Override
  public void close() {
    unsubscribe.run();
  }
}
