package dev.understudy.admin;

import dev.understudy.event.EventLog;
import dev.understudy.history.EventId;
import dev.understudy.history.History;
import dev.understudy.history.ServingPeriod;
import dev.understudy.history.StoredEvent;
import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A history of the events of a test, with timelines as the test wants them. */
final class FakeHistory implements History {
  private final FakeEvents events;
  private final Map<PoolId, List<ServingPeriod>> timelines = new ConcurrentHashMap<>();

  /** The names of the threads that read it. */
  final Set<String> threads = ConcurrentHashMap.newKeySet();

  FakeHistory(FakeEvents events) {
    this.events = events;
  }

  /** As it was at first. */
  void reset() {
    timelines.clear();
    threads.clear();
  }

  /** From now on that pool has these segments. */
  void timeline(PoolId pool, ServingPeriod... segments) {
    timelines.put(pool, List.of(segments));
  }

  @Override
  public String name() {
    return "1763749200000";
  }

  @Override
  public List<StoredEvent> newest(
      @Nullable PoolId pool, int limit, @Nullable Instant since, long after) {
    threads.add(Thread.currentThread().getName());
    List<StoredEvent> found = new ArrayList<>();
    for (EventLog.Entry entry : events.newest(pool, EventLog.CAPACITY)) {
      if (entry.id() > after && (since == null || !entry.at().isBefore(since))) {
        found.add(StoredEvent.of(entry));
      }
    }
    return found.subList(Math.max(0, found.size() - limit), found.size());
  }

  @Override
  public List<StoredEvent> shares(@Nullable PoolId pool, int limit, @Nullable Instant since) {
    return newest(pool, Math.max(1, limit / 2), since, 0);
  }

  @Override
  public List<StoredEvent> missed(@Nullable PoolId pool, String lastSeen) {
    EventId id = EventId.parse(lastSeen, name());
    boolean known = id != null && id.history().equals(name());
    return newest(pool, 1_000, null, known ? id.number() : 0);
  }

  @Override
  public Runnable subscribe(Consumer<StoredEvent> listener) {
    return events.subscribe(entry -> listener.accept(StoredEvent.of(entry)));
  }

  @Override
  public List<ServingPeriod> timeline(PoolId pool, Instant from, Instant to) {
    threads.add(Thread.currentThread().getName());
    return timelines.getOrDefault(pool, List.of());
  }
}
