package dev.understudy.monitor;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Decides whose failure it is that there is no local port or address for a connection: this
 * machine's, which may have none left, or one server's, to which alone no way leads (its IPv6 is
 * gone, all ports to it are in use). Fed with the newest result for each destination.
 *
 * <table>
 * <caption>Whose failure</caption>
 * <tr><th>other destinations<th>verdict
 * <tr><td>one was reached after this one began to fail, within {@link #WINDOW}<td>the server's
 * <tr><td>one was reached within {@link #WINDOW}, but not since<td>open: the next results tell
 * <tr><td>none was, or each that was fails now too<td>the machine's
 * </table>
 */
final class LocalPortFailures {
  /** The result of another destination counts for as long: more than the usual interval. */
  static final Duration WINDOW = Duration.ofSeconds(10);

  /** A destination that was not tried for as long is forgotten. */
  private static final Duration KEPT = Duration.ofHours(1);

  /** Whose failure it is. */
  enum Verdict {
    SERVER,
    OPEN,
    MACHINE
  }

  /**
   * The newest result of a destination.
   *
   * @param since the first of such results in a row
   */
  private record Tried(boolean reached, Instant since, Instant newest) {}

  /** The one that was not tried for longest first. */
  private final Map<InetSocketAddress, Tried> tried = new LinkedHashMap<>();

  /** A connection to it was made. */
  void reached(InetSocketAddress destination, Instant now) {
    put(destination, true, now);
  }

  /** Judges a connection to it that failed, as there was no local port or address. */
  Verdict failed(InetSocketAddress destination, Instant now) {
    Instant since = put(destination, false, now).since();
    Instant newestOfOthers = Instant.MIN;
    for (Tried other : tried.values()) {
      if (other.reached() && other.newest().isAfter(newestOfOthers)) {
        newestOfOthers = other.newest();
      }
    }
    if (newestOfOthers.isBefore(now.minus(WINDOW))) {
      return Verdict.MACHINE;
    }
    return newestOfOthers.isBefore(since) ? Verdict.OPEN : Verdict.SERVER;
  }

  private Tried put(InetSocketAddress destination, boolean reached, Instant now) {
    Tried before = tried.remove(destination);
    Instant since = before != null && before.reached() == reached ? before.since() : now;
    Tried result = new Tried(reached, since, now);
    tried.put(destination, result);
    Iterator<Tried> eldest = tried.values().iterator();
    if (eldest.next().newest().isBefore(now.minus(KEPT))) {
      eldest.remove();
    }
    return result;
  }
}
