package dev.understudy.proxy.flowcontrol;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;

/**
 * The part of the {@link WindowBudget} that one connection keeps. Pure but for the budget: it knows
 * no windows, only their sizes.
 *
 * <table>
 *   <caption>Bytes that are kept</caption>
 *   <tr><td>a window grows: {@link #grow}</td><td>what is kept and not used first, then what the
 *       budget gives; all of it stays in the budget if that is less than a first window</td></tr>
 *   <tr><td>a complete response is unread: {@link #keep}</td><td>as many as it occupies, until its
 *       user has {@linkplain #release left}</td></tr>
 *   <tr><td>less may come, or is unread: {@link #settle}</td><td>the rest is given back</td></tr>
 *   <tr><td>the connection ends: {@link #close}</td><td>all are given back; none is taken any more
 *       </td></tr>
 * </table>
 */
final class WindowReservation {
  private final WindowBudget budget;
  private int kept;

  /** The part of {@link #kept} that complete, unread responses occupy, by stream. */
  private final IntObjectMap<Integer> unread = new IntObjectHashMap<>();

  /** The sum of {@link #unread}. */
  private int unreadSum;

  private boolean closed;

  WindowReservation(WindowBudget budget) {
    this.budget = budget;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Reserves what a window is to grow by.
   *
   * @param used how many of the bytes kept windows use already
   * @param needed whether the sender was seen to need it
   * @return by how many bytes it may grow
   */
  int grow(int wanted, int used, boolean needed) {
    int unused = Math.max(0, kept - unreadSum - used);
    int missing = closed ? 0 : Math.max(0, wanted - unused);
    int got = missing == 0 ? 0 : budget.take(missing, kept, needed);
    int more = Math.min(wanted, unused + got);
    if (more < Math.min(wanted, WindowSizing.FIRST)) {
      budget.giveBack(got);
      return 0;
    }
    kept += got;
    return more;
  }

  /** Keeps bytes for a complete response of a stream, which nobody has read. */
  void keep(int stream, int bytes) {
    if (bytes > 0) {
      unread.put(Integer.valueOf(stream), Integer.valueOf(bytes));
      unreadSum += bytes;
    }
  }

  /** Ends what {@link #keep} began; returns whether there was anything. */
  boolean release(int stream) {
    Integer bytes = unread.remove(stream);
    if (bytes != null) {
      unreadSum -= bytes;
    }
    return bytes != null;
  }

  /**
   * Gives back what is kept for nothing.
   *
   * @param coming bytes that the peer may still send, or has sent on open streams, beyond the first
   *     windows
   */
  void settle(int coming) {
    int needed = coming + unreadSum;
    if (needed < kept) {
      budget.giveBack(kept - needed);
      kept = needed;
    }
  }

  void close() {
    closed = true;
    budget.giveBack(kept);
    kept = 0;
  }
}
