package dev.understudy.proxy.front;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * Closes the connection of one loop that has waited longest for a request, or for the rest of its
 * head. Who came a moment ago is spared: with almost all places busy, it would be the newcomer.
 *
 * <p>One look at all connections finds several: what begins to wait later is never longer at it. So
 * a flood of them is not looked through for each that comes.
 */
final class LongestWaiting {
  /** That long everybody may take to ask for something. */
  static final long SPARED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int FOUND_AT_ONCE = 64;

  private record Found(TimedConnection connection, long since) {}

  /** Longest first; any may have got its request since. */
  private final Deque<Found> found = new ArrayDeque<>();

  /** Closes one of them; returns whether there was one. */
  boolean closeOne(List<TimedConnection> connections, long nowClock) {
    return closeFound() || (look(connections, nowClock) && closeFound());
  }

  private boolean closeFound() {
    for (Found next = found.poll(); next != null; next = found.poll()) {
      if (next.connection().slot() >= 0 && next.connection().waitingSince() == next.since()) {
        next.connection().shed();
        return true;
      }
    }
    return false;
  }

  private boolean look(List<TimedConnection> connections, long nowClock) {
    PriorityQueue<Found> newestFirst =
        new PriorityQueue<>(Comparator.comparingLong(Found::since).reversed());
    for (TimedConnection connection : connections) {
      long since = connection.waitingSince();
      if (since != TimedConnection.NOT_WAITING && nowClock - since >= SPARED_NANOS) {
        newestFirst.add(new Found(connection, since));
        if (newestFirst.size() > FOUND_AT_ONCE) {
          newestFirst.remove();
        }
      }
    }
    for (Found next = newestFirst.poll(); next != null; next = newestFirst.poll()) {
      found.addFirst(next);
    }
    return !found.isEmpty();
  }
}
