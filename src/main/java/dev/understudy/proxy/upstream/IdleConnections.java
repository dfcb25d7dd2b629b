package dev.understudy.proxy.upstream;

import org.jspecify.annotations.Nullable;

/**
 * The idle connections of one event loop to one server, newest first out, bounded in number (256)
 * and age.
 */
public final class IdleConnections {
  private static final int MAX_SIZE = 256;

  private final long maxAgeNanos;
  private @Nullable Http1Connection newest;
  private @Nullable Http1Connection oldest;
  private int size;
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
    return size == 0;
  }

  void add(Http1Connection connection, long nowNanos) {
    if (closed || maxAgeNanos == 0) {
      connection.close();
      return;
    }
    if (size == MAX_SIZE && oldest != null) {
      drop(oldest);
    }
    connection.idle = true;
    connection.idleSinceNanos = nowNanos;
    connection.older = newest;
    if (newest != null) {
      newest.newer = connection;
    } else {
      oldest = connection;
    }
    newest = connection;
    size++;
  }

  /**
   * Takes the newest usable connection; null if none has been idle for less than {@code
   * atMostNanos}.
   */
  public @Nullable Http1Connection take(long atMostNanos, long nowNanos) {
    for (Http1Connection found = newest; found != null; found = newest) {
      if (nowNanos - found.idleSinceNanos >= Math.min(atMostNanos, maxAgeNanos)) {
        return null;
      }
      remove(found);
      if (found.isUsable()) {
        return found;
      }
      found.close();
    }
    return null;
  }

  void remove(Http1Connection connection) {
    if (!connection.idle) {
      return;
    }
    Http1Connection older = connection.older;
    Http1Connection newer = connection.newer;
    if (older != null) {
      older.newer = newer;
    } else {
      oldest = newer;
    }
    if (newer != null) {
      newer.older = older;
    } else {
      newest = older;
    }
    connection.older = null;
    connection.newer = null;
    connection.idle = false;
    size--;
  }

  /** Closes the connections that have been idle for too long. */
  public void sweep(long nowNanos) {
    while (oldest != null && nowNanos - oldest.idleSinceNanos >= maxAgeNanos) {
      drop(oldest);
    }
  }

  /** Closes all connections, and each one that is added later. */
  public void close() {
    closed = true;
    drop();
  }

  /** Closes all connections. */
  void drop() {
    while (oldest != null) {
      drop(oldest);
    }
  }

  private void drop(Http1Connection connection) {
    remove(connection);
    connection.close();
  }
}
