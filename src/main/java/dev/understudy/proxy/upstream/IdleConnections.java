package dev.understudy.proxy.upstream;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections of one event loop to one server, newest first out, bounded in number (256)
 * and age.
 */
public final class IdleConnections {
  private static final int MAX_SIZE = 256;

  private final long maxAgeNanos;

  /** The oldest first. */
  private final ArrayDeque<Http1Connection> all = new ArrayDeque<>();

  private boolean closed;

  /**
   * @param maxAgeNanos time after which an idle connection is closed; 0 if none is kept
   */
  IdleConnections(long maxAgeNanos) {
    this.maxAgeNanos = maxAgeNanos;
  }

  long maxAgeNanos() {
    return maxAgeNanos;
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  void add(Http1Connection connection, long nowNanos) {
    if (closed || maxAgeNanos == 0) {
      connection.close();
      return;
    }
    if (all.size() == MAX_SIZE) {
      drop(all.getFirst());
    }
    connection.idle = true;
    connection.idleSinceNanos = nowNanos;
    all.addLast(connection);
  }

  /**
   * Takes the newest usable connection; null if none has been idle for less than {@code
   * atMostNanos}.
   */
  public @Nullable Http1Connection take(long atMostNanos, long nowNanos) {
    for (Http1Connection found = all.peekLast(); found != null; found = all.peekLast()) {
      if (nowNanos - found.idleSinceNanos >= Math.min(atMostNanos, maxAgeNanos)) {
        return null;
      }
      all.removeLast();
      found.idle = false;
      if (found.isUsable()) {
        return found;
      }
      found.close();
    }
    return null;
  }

  void remove(Http1Connection connection) {
    if (connection.idle) {
      connection.idle = false;
      all.remove(connection);
    }
  }

  /** Closes the connections that have been idle for too long. */
  public void sweep(long nowNanos) {
    while (!all.isEmpty() && nowNanos - all.getFirst().idleSinceNanos >= maxAgeNanos) {
      drop(all.getFirst());
    }
  }

  /** Closes all connections, and each one that is added later. */
  public void close() {
    closed = true;
    drop();
  }

  /** Closes all connections. */
  void drop() {
    while (!all.isEmpty()) {
      drop(all.getFirst());
    }
  }

  private void drop(Http1Connection connection) {
    remove(connection);
    connection.close();
  }
}
