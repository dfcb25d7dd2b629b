package dev.understudy.admin;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An event log as the seam describes it. */
final class FakeEvents implements EventLog {
  private final List<Consumer<Entry>> listeners = new CopyOnWriteArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private long newest;

  int listeners() {
    return listeners.size();
  }

  /** Forgets what was; ids go on. */
  synchronized void forget() {
    entries.clear();
  }

  @Override
  public synchronized List<Entry> newest(@Nullable PoolId pool, int limit) {
    List<Entry> chosen =
        entries.stream().filter(e -> pool == null || pool.equals(e.event().pool())).toList();
    return chosen.subList(Math.max(0, chosen.size() - limit), chosen.size());
  }

  @Override
  public synchronized void add(Event event) {
    Entry entry = new Entry(++newest, Instant.now(), event);
    entries.add(entry);
    if (entries.size() > CAPACITY) {
      entries.remove(0);
    }
    listeners.forEach(listener -> listener.accept(entry));
  }

  @Override
  public Runnable subscribe(Consumer<Entry> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
