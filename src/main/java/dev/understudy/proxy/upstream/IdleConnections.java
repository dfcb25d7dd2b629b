package dev.understudy.proxy.upstream;

import dev.understudy.proxy.http.ClientConnection;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections of one event loop to one server: those for all clients, newest first out,
 * bounded in number (256) and age; and those that belong to one client each, which are kept as long
 * as the client is connected, at most 5 for each client (HAProxy {@code max-session-srv-conns}).
 */
// Clients are compared by identity.
@SuppressWarnings("ReferenceEquality")
public final class IdleConnections {
  private static final int MAX_SIZE = 256;
  private static final int MAX_OWNED = 5;

  private final long maxAgeNanos;

  /** The oldest first. */
  private final ArrayDeque<Http1Connection> all = new ArrayDeque<>();

  private final Set<Http1Connection> owned = new LinkedHashSet<>();

  /** Whether the server has responded on a connection after a request with a body. */
  private boolean readsBodies;

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
    if (connection.owner != null) {
      addOwned(connection, connection.owner, nowNanos);
    } else if (closed || maxAgeNanos == 0) {
      connection.close();
    } else {
      if (all.size() == MAX_SIZE) {
        drop(all.getFirst());
      }
      rest(connection, nowNanos);
      all.addLast(connection);
    }
  }

  private static void rest(Http1Connection connection, long nowNanos) {
    connection.idle = true;
    connection.idleSinceNanos = nowNanos;
  }

  private void addOwned(Http1Connection connection, ClientConnection owner, long nowNanos) {
    if (closed || owner.isEnded()) {
      connection.close();
      return;
    }
    rest(connection, nowNanos);
    owned.add(connection);
    if (owner.owned().size() > MAX_OWNED) {
      owner.owned().stream()
          .map(Http1Connection.class::cast)
          .filter(each -> each.idle)
          .findFirst()
          .ifPresent(Http1Connection::close);
    }
  }

  /** Takes the newest usable connection that belongs to the client; null if there is none. */
  @Nullable Http1Connection takeOwned(ClientConnection client) {
    if (owned.isEmpty()) {
      return null;
    }
    for (ClientConnection.Owned each : List.copyOf(client.owned()).reversed()) {
      if (each instanceof Http1Connection found && owned.remove(found)) {
        found.idle = false;
        if (found.isUsable()) {
          return found;
        }
        found.close();
      }
    }
    return null;
  }

  /**
   * Takes the newest usable connection; null if none has been idle for less than {@code
   * atMostNanos}, or only the client itself may find out whether the server reads on there: it may
   * have responded without reading the body before (as HAProxy's {@code http-reuse safe}).
   */
  public @Nullable Http1Connection take(ClientConnection client, long atMostNanos, long nowNanos) {
    for (Http1Connection found = all.peekLast(); found != null; found = all.peekLast()) {
      if (nowNanos - found.idleSinceNanos >= Math.min(atMostNanos, maxAgeNanos)) {
        return null;
      }
      ClientConnection trial = readsBodies ? null : found.bodyFrom;
      if (trial != null && trial.isEnded()) {
        drop(found);
        continue;
      }
      if (trial != null && trial != client) {
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

  /** Whether the server is known to read a request's body to its end before the next request. */
  boolean readsBodies() {
    return readsBodies;
  }

  /** Records that it does. */
  void bodyRead() {
    readsBodies = true;
  }

  void remove(Http1Connection connection) {
    if (connection.idle) {
      connection.idle = false;
      if (!owned.remove(connection)) {
        all.remove(connection);
      }
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
    List.copyOf(owned).forEach(this::drop);
  }

  private void drop(Http1Connection connection) {
    remove(connection);
    connection.close();
  }
}
