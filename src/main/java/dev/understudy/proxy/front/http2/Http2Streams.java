package dev.understudy.proxy.front.http2;

import java.util.ArrayList;
import java.util.List;

/** The streams of one HTTP/2 connection on which a request has come and that have not ended. */
// Streams are themselves, not values.
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

  /** Returns false if it has been removed before. */
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

  /** Judges what they wait for; that may remove some. */
  void sweep(long nowClock) {
    for (int i = streams.size() - 1; i >= 0; i--) {
      if (i < streams.size()) {
        streams.get(i).sweep(nowClock);
      }
    }
  }

  /** Their connection can be written to again; that may end some. */
  void connectionWritable() {
    for (int i = streams.size() - 1; i >= 0; i--) {
      if (i < streams.size()) {
        streams.get(i).connectionWritable();
      }
    }
  }

  /** Their connection has broken. */
  void connectionGone() {
    for (Http2Stream stream : List.copyOf(streams)) {
      stream.connectionGone();
    }
  }
}
