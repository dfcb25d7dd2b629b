package dev.understudy.proxy.upstream;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connections of one event loop to one server: as few as the streams need, the oldest
 * filled first.
 */
final class Http2Connections {
  /** The most connections that are opened at a time for streams that wait. */
  private static final int MAX_OPENING = 16;

  private final ConnectionPool pool;

  /** The connections that take streams, or will once they are open. */
  private final List<Http2Connection> all = new ArrayList<>(2);

  private boolean http1;

  /** How many streams the server takes, as far as is known; 0 if it may not speak HTTP/2. */
  private int limit;

  /** How many streams a connection that is being opened is expected to take. */
  private int expected = Http2Codec.MAX_STREAMS;

  private boolean closed;

  Http2Connections(ConnectionPool pool) {
    this.pool = pool;
  }

  /** Whether the server has chosen HTTP/1.1 by ALPN. */
  boolean isHttp1() {
    return http1;
  }

  void speakHttp1() {
    http1 = true;
  }

  /** Records that the server has chosen HTTP/2 by ALPN. */
  void speakHttp2() {
    limit = Math.max(1, limit);
  }

  /** Records how many streams the server takes on a connection. */
  void limit(int streams) {
    limit = streams;
    expected = streams == 0 ? Http2Codec.MAX_STREAMS : streams;
  }

  /** How many streams a connection may have before its SETTINGS are here. */
  int limit() {
    return limit;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns a stream of an open connection; null if there is none with room. */
  @Nullable Http2Stream take(UpstreamConnection.User user, long nowNanos) {
    Http2Connection on = closed ? null : roomy();
    if (on == null) {
      return null;
    }
    Http2Stream stream = new Http2Stream(pool, this, user, false);
    return on.begin(stream, nowNanos) ? stream : null;
  }

  private @Nullable Http2Connection roomy() {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).hasRoom()) {
        return all.get(i);
      }
    }
    return null;
  }

  /** Gives the stream a connection, now or when it is open. */
  void assign(Http2Stream stream) {
    long now = System.nanoTime();
    Http2Connection on = roomy();
    if (on != null && on.begin(stream, now)) {
      stream.ready();
    } else if (http1) {
      stream.fallBack(null);
    } else {
      joinOrOpen(stream, now);
    }
  }

  private void joinOrOpen(Http2Stream stream, long nowNanos) {
    Http2Connection emptiest = null;
    int opening = 0;
    for (Http2Connection each : all) {
      if (each.isJoinable(nowNanos)) {
        if (each.load() < expected) {
          each.join(stream);
          return;
        }
        opening++;
        emptiest = emptiest == null || each.load() < emptiest.load() ? each : emptiest;
      }
    }
    if (emptiest != null && opening >= MAX_OPENING) {
      emptiest.join(stream);
      return;
    }
    Http2Connection made = new Http2Connection(pool, this, nowNanos);
    all.add(made);
    made.join(stream);
    pool.open(made);
  }

  void remove(Http2Connection gone) {
    all.remove(gone);
  }

  void sweep(long nowNanos) {
    for (int i = all.size() - 1; i >= 0; i--) {
      all.get(i).sweep(nowNanos);
    }
  }

  /** Closes the connections without a stream. */
  void closeIdle() {
    for (Http2Connection each : List.copyOf(all)) {
      each.retireIfIdle();
    }
  }

  /** Closes each connection when its last stream has ended; no stream is taken any more. */
  void close() {
    closed = true;
    for (Http2Connection each : List.copyOf(all)) {
      each.retire();
    }
  }
}
