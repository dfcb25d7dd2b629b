package dev.understudy.proxy.front.http2;

import java.util.ArrayList;
import java.util.List;

/** The streams of one HTTP/2 connection that have a request and have not ended. */
// Streams are compared by identity.
@SuppressWarnings("ReferenceEquality")
final class Http2Streams {
  private final List<Http2Stream> streams = new ArrayList<>(4);

  boolean isEmpty() {
    return streams.isEmpty();
  }

  void add(Http2Stream stream) {
    stream.slot(streams.size());
    streams.add(stream);
  }

  /** Removes the stream. Returns false if it was already removed. */
  boolean remove(Http2Stream stream) {
    int from = stream.slot();
    if (from < 0) {
      return false;
    }
    Http2Stream moved = streams.removeLast();
    if (moved != stream) {
      streams.set(from, moved);
      moved.slot(from);
    }
    stream.slot(-1);
    return true;
  }

  /** Applies the timeouts of all streams, which may remove some. */
  void sweep(long nowClock) {
    for (int i = streams.size() - 1; i >= 0; i--) {
      if (i < streams.size()) {
        streams.get(i).sweep(nowClock);
      }
    }
  }

  /** Notifies all streams that their connection is writable again, which may end some. */
  void connectionWritable() {
    for (int i = streams.size() - 1; i >= 0; i--) {
      if (i < streams.size()) {
        streams.get(i).connectionWritable();
      }
    }
  }

  /** Notifies all streams of their connection's end. */
  void connectionGone() {
    for (Http2Stream stream : List.copyOf(streams)) {
      stream.connectionGone();
    }
  }
}
