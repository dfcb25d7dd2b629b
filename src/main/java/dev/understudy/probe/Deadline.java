package dev.understudy.probe;

import java.time.Duration;

/**
 * When the time of one check is over. No timer alone says so: a loop that comes late has not read
 * what the server sent meanwhile. So the check is looked at when its time has passed, and is over
 * once a read after that has brought nothing.
 *
 * <table>
 * <caption>A look</caption>
 * <tr><th>the loop<th>the check<th>then
 * <tr><td>late by more than a twentieth of the time-out, or {@link #TOLERANCE}<td>sent something
 *     less than a time-out ago, and began less than {@link Prober#MOST_TIMEOUTS} ago<td>another
 *     look when a time-out has passed since it was sent
 * <tr><td>in time<td>any other; the first such look<td>one more read at once
 * <tr><td>late<td>any other; the first such look<td>one more read after a tenth of the time-out:
 *     where the whole machine stood still, so did the server
 * <tr><td>any<td>the read before has brought something, and it began less than {@link
 *     Prober#MOST_TIMEOUTS} ago<td>one more read at once
 * <tr><td>any<td>the read before has brought nothing<td>over, however late the loop is
 * </table>
 *
 * <p>Times are of {@link System#nanoTime}.
 *
 * @param begun when the check began
 * @param reads what had been read at the look before; -1 if nothing depended on it
 */
record Deadline(Duration timeout, long begun, long due, long reads) {
  static final Duration TOLERANCE = Duration.ofMillis(10);

  static Deadline of(Duration timeout, long now) {
    return new Deadline(timeout, now, now + timeout.toNanos(), -1);
  }

  /**
   * Looks at the check.
   *
   * @param sent when it sent something last
   * @param read how many reads have brought something
   * @return the deadline of the next look, which may be due at once; itself if the time is over
   */
  Deadline look(long now, long sent, long read) {
    long whole = timeout.toNanos();
    boolean late = now - due > Math.max(whole / 20, TOLERANCE.toNanos());
    boolean mayGoOn = now - begun < Prober.MOST_TIMEOUTS * whole;
    if (reads >= 0) {
      return read > reads && mayGoOn ? next(now, read) : this;
    }
    if (late && mayGoOn && now - sent < whole) {
      return next(sent + whole, -1);
    }
    return next(late ? now + whole / 10 : now, read);
  }

  private Deadline next(long when, long known) {
    return new Deadline(timeout, begun, when, known);
  }
}
