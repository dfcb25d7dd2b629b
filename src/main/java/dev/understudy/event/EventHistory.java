package dev.understudy.event;

import dev.understudy.pool.PoolId;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest {@value EventLog#CAPACITY} events of this run, in memory. Ends with {@link
 * ReplicaEvent.Stopped}: later events are dropped.
 *
 * <p>Listeners are called under the lock that orders the entries, so that each sees every entry
 * once and in order. A listener that throws is logged, and the others are still called.
 */
public final class EventHistory implements EventLog {
  private static final Logger log = LoggerFactory.getLogger(EventHistory.class);

  private final InstantSource clock;
  private final Subscribers<Entry> subscribers = new Subscribers<>(log, "event", Entry::id);
  private final Object lock = new Object();
  private final FairEventBuffer<Entry> entries = new FairEventBuffer<>(CAPACITY, entry -> 1);
  private long lastId;
  private boolean ended;

  /** Creates an empty history, with {@code clock} dating its entries. */
  public EventHistory(InstantSource clock) {
    this(clock, 0);
  }

  /**
   * Creates an empty history that goes on numbering.
   *
   * @param lastId the id of the last event of earlier runs
   */
  public EventHistory(InstantSource clock, long lastId) {
    this.clock = clock;
    this.lastId = lastId;
  }

  @Override
  public List<Entry> newest(@Nullable PoolId pool, int limit) {
    synchronized (lock) {
      return entries.newest(limit, entry -> pool == null || pool.equals(entry.pool()));
    }
  }

  @Override
  public void add(Event event) {
    synchronized (lock) {
      if (ended) {
        return;
      }
      ended = event instanceof ReplicaEvent.Stopped;
      Entry entry = new Entry(++lastId, clock.instant(), event);
      entries.add(entry);
      subscribers.accept(entry);
    }
  }

  @Override
  public Runnable subscribe(Consumer<Entry> listener) {
    return subscribers.add(listener);
  }
}
