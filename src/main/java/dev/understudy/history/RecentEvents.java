package dev.understudy.history;

import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest events, bounded in number and in characters; the oldest make room. Not safe for
 * several threads.
 */
final class RecentEvents {
  private final int maxEvents;
  private final int maxChars;
  private final Deque<StoredEvent> events = new ArrayDeque<>();
  private long chars;

  RecentEvents(int maxEvents, int maxChars) {
    this.maxEvents = maxEvents;
    this.maxChars = maxChars;
  }

  void add(StoredEvent event) {
    events.addLast(event);
    chars += event.json().length();
    while (events.size() > 1 && (events.size() > maxEvents || chars > maxChars)) {
      chars -= events.removeFirst().json().length();
    }
  }

  /**
   * The newest events, oldest first, at most {@code limit}.
   *
   * @param pool the pool that they concern; null for all
   * @param since the earliest time; null for all
   * @param after the id that theirs exceed
   */
  List<StoredEvent> newest(@Nullable PoolId pool, int limit, @Nullable Instant since, long after) {
    List<StoredEvent> found = new ArrayList<>();
    Iterator<StoredEvent> newestFirst = events.descendingIterator();
    while (newestFirst.hasNext() && found.size() < limit) {
      StoredEvent event = newestFirst.next();
      if (event.id() <= after) {
        break;
      }
      if ((pool == null || pool.equals(event.pool()))
          && (since == null || !event.at().isBefore(since))) {
        found.add(event);
      }
    }
    Collections.reverse(found);
    return found;
  }

  /** The oldest events whose ids exceed {@code id}, at most {@code limit}. */
  List<StoredEvent> after(long id, int limit) {
    List<StoredEvent> later = newest(null, Integer.MAX_VALUE, null, id);
    return List.copyOf(later.subList(0, Math.min(limit, later.size())));
  }
}
