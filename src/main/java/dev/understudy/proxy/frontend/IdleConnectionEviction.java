package dev.understudy.proxy.frontend;

import dev.understudy.proxy.eventloop.SlotList;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;

/**
 * Closes the connection of one event loop that has waited longest for a request or for the rest of
 * its head. Connections that have waited less than 1 s are spared: with nearly all connections
 * busy, the newest would be closed otherwise.
 *
 * <p>One scan of all connections finds up to 64: a connection that begins to wait later has never
 * waited longer. A flood of connections so does not cause a scan for each one.
 */
final class IdleConnectionEviction {
  private static final int FOUND_AT_ONCE = 64;

  private record Found(TimedConnection connection, long since) {}

  /** The connections found, longest waiting first; some may have got a request since. */
  private final Deque<Found> found = new ArrayDeque<>();

  /** Closes one connection. Returns whether there was one to close. */
  boolean closeOne(SlotList<TimedConnection> connections, long nowClock) {
    return closeFound() || (look(connections, nowClock) && closeFound());
  }

  private boolean closeFound() {
    for (Found next = found.poll(); next != null; next = found.poll()) {
      if (next.connection().isListed() && next.connection().waitingSince() == next.since()) {
        next.connection().shed();
        return true;
      }
    }
    return false;
  }

  private boolean look(SlotList<TimedConnection> connections, long nowClock) {
    PriorityQueue<Found> newestFirst =
        new PriorityQueue<>(Comparator.comparingLong(Found::since).reversed());
    connections.forEach(
        connection -> {
          long since = connection.waitingSince();
          if (since != TimedConnection.NOT_WAITING
              && nowClock - since >= ConnectionLimits.SPARED_NANOS) {
            newestFirst.add(new Found(connection, since));
            if (newestFirst.size() > FOUND_AT_ONCE) {
              newestFirst.remove();
            }
          }
        });
    for (Found next = newestFirst.poll(); next != null; next = newestFirst.poll()) {
      found.addFirst(next);
    }
    return !found.isEmpty();
  }
}
