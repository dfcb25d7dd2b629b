package dev.understudy.proxy.upstream;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The streams that wait for an HTTP/2 connection to be opened, the first one first. */
final class WaitingStreams {
  /** How long further streams may come: 1 s. */
  private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Set<Http2Stream> all = new LinkedHashSet<>();
  private final long sinceNanos;

  WaitingStreams(long nowNanos) {
    sinceNanos = nowNanos;
  }

  int size() {
    return all.size();
  }

  /** Whether one more may come. */
  boolean hasRoom(long nowNanos) {
    return all.size() < Http2Codec.MAX_STREAMS && nowNanos - sinceNanos < JOIN_NANOS;
  }

  void add(Http2Stream stream) {
    all.add(stream);
  }

  void remove(Http2Stream stream) {
    all.remove(stream);
  }

  /** Takes the first one that may begin before the server's SETTINGS; null if there is none. */
  @Nullable Http2Stream takeEarly() {
    for (Http2Stream each : all) {
      if (each.isEarly()) {
        all.remove(each);
        return each;
      }
    }
    return null;
  }

  List<Http2Stream> takeAll() {
    List<Http2Stream> taken = new ArrayList<>(all);
    all.clear();
    return taken;
  }

  /**
   * Has all continue over HTTP/1.1: the first one that is wanted on this channel, which is closed
   * if there is none, the others on new connections.
   */
  // Nothing is left to do for who wanted the channel closed.
  @SuppressWarnings("FutureReturnValueIgnored")
  void fallBack(Channel open) {
    Channel given = open;
    for (Http2Stream each : takeAll()) {
      boolean wanted = each.isWanted();
      each.fallBack(given);
      given = wanted ? null : given;
    }
    if (given != null) {
      given.close();
    }
  }
}
