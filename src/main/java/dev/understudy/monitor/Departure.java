package dev.understudy.monitor;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Since when the sessions of a server's time as the serving server are to leave it. An immutable
 * value that each input replaces by the next.
 *
 * <table>
 * <caption>When they are to leave</caption>
 * <tr><th>input<th>seen<th>sessions
 * <tr><td>it begins to serve<td><td>stay
 * <tr><td>it ceases to serve<td>it drains<td>stay
 * <tr><td>it ceases to serve<td>else<td>leave from now on
 * <tr><td>a drain begins<td>it serves, or ceased to less than {@code on-switch.drain} ago<td>stay:
 *     it still has them
 * <tr><td>a drain begins<td>it ceased to serve before that<td>left then
 * <tr><td>a drain begins<td>it never served<td>left {@code on-switch.drain} ago: it gets none by
 *     being drained
 * <tr><td>a drain ends<td>it does not serve, and they stayed<td>leave from now on
 * </table>
 *
 * @param since when they are to leave; null if they stay
 */
record Departure(boolean serves, @Nullable Instant since) {
  static final Departure NONE = new Departure(false, null);

  /** The server begins or ceases to serve. */
  Departure serving(boolean begins, boolean drains, Instant now) {
    return new Departure(begins, begins || drains ? null : now);
  }

  /**
   * The server begins to drain.
   *
   * @param time that sessions have to leave by themselves, {@code on-switch.drain}
   */
  Departure drained(Duration time, Instant now) {
    if (serves || (since != null && now.isBefore(since.plus(time)))) {
      return new Departure(serves, null);
    }
    return since == null ? new Departure(false, now.minus(time)) : this;
  }

  /** The server drains no longer. */
  Departure undrained(Instant now) {
    return serves || since != null ? this : new Departure(false, now);
  }
}
