package dev.understudy.admin;

import dev.understudy.history.History;
import dev.understudy.history.StoredEvent;
import dev.understudy.pool.PoolId;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The history for one reader: missed events first, then new ones, each once and in order.
 * Subscribed to the history from its construction until it is closed.
 */
final class EventFeed implements AutoCloseable {
  /** Signals that the reader's buffer is full. */
  static final class TooSlow extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooSlow() {
      super("a reader of the event stream was too slow", null, false, false);
    }
  }

  private final @Nullable PoolId pool;
  private final Sinks.Many<StoredEvent> live;
  private final Sinks.Empty<Void> overflow = Sinks.empty();
  private final List<StoredEvent> missed;
  private final Runnable unsubscribe;

  /**
   * @param pool limits the events to one pool; null for all
   * @param lastSeen the id of the last event that the reader has; null for new events only
   * @param buffer the maximum number of events that wait for the reader
   */
  EventFeed(History history, @Nullable PoolId pool, @Nullable String lastSeen, int buffer) {
    this.pool = pool;
    live = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(buffer));
    // Before the history is read, so that no event is lost between; events() drops duplicates.
    unsubscribe = history.subscribe(this::offer);
    missed = lastSeen == null ? List.of() : history.missed(pool, lastSeen);
  }

  private void offer(StoredEvent event) {
    boolean concerns = pool == null || pool.equals(event.pool());
    if (concerns && live.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
      // Not through the queue, whose end a slow reader would never see.
      overflow.tryEmitError(new TooSlow());
    }
  }

  /** The events; can be subscribed to once, and fails with {@link TooSlow}. */
  Flux<StoredEvent> events() {
    long newest = missed.isEmpty() ? 0 : missed.getLast().id();
    return Flux.fromIterable(missed)
        .concatWith(live.asFlux().filter(event -> event.id() > newest))
        .takeUntilOther(overflow.asMono());
  }

  @Override
  public void close() {
    unsubscribe.run();
  }
}
