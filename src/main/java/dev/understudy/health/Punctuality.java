package dev.understudy.health;

import dev.understudy.pool.HealthSettings;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether the checks of one server come in time: a process that has too little time for them knows
 * less than it shows.
 *
 * <table>
 * <caption>Transitions; the bound is max(3 × interval, interval + 2 × timeout), of the longer one
 *     of the intervals that hold, as configured</caption>
 * <tr><th>is<th>input<th>becomes
 * <tr><td>in time<td>the newest check that counted was asked longer ago than the bound<td>late
 * <tr><td>late<td>a check that was asked within the bound after the one before, twice in a row<td>
 *     in time, since then
 * <tr><td>late<td>a check by which the server is DOWN<td>in time, since then: bad news does not wait
 * <tr><td>any<td>a check that was asked before the newest one<td>the same
 * </table>
 *
 * @param newest when the newest check was asked that counted; before the first, when the server
 *     became known
 * @param late whether it is late
 * @param inTime checks in time in a row while late
 * @param since when it came to be in time again; {@link Instant#MIN} if it was never late
 */
record Punctuality(Instant newest, boolean late, int inTime, Instant since) {
  private static final int ENOUGH = 2;

  static Punctuality since(Instant known) {
    return new Punctuality(known, false, 0, Instant.MIN);
  }

  /** The longest age of a check in time. */
  static Duration bound(HealthSettings settings, HealthStatus status) {
    Duration up = settings.interval();
    Duration down = settings.downInterval();
    Duration interval = status == HealthStatus.DOWN && down.compareTo(up) > 0 ? down : up;
    // By additions: Duration multiplies by way of decimals, and this is for each server and second.
    Duration some = interval.plus(interval).plus(interval);
    Duration slow = interval.plus(settings.timeout()).plus(settings.timeout());
    return some.compareTo(slow) > 0 ? some : slow;
  }

  /** A check that was asked then has counted. */
  Punctuality checked(Instant asked, Duration bound) {
    if (asked.isBefore(newest)) {
      return this;
    }
    int enough = late && !asked.isAfter(newest.plus(bound)) ? inTime + 1 : 0;
    boolean still = late && enough < ENOUGH;
    return new Punctuality(asked, still, enough, late && !still ? asked : since);
  }

  /** The check that was asked then has found the server DOWN. */
  Punctuality down(Instant asked) {
    return late ? new Punctuality(newest, false, 0, asked) : this;
  }

  /** The same, or late by now. */
  Punctuality at(Instant now, Duration bound) {
    return !now.isAfter(newest.plus(bound)) || (late && inTime == 0)
        ? this
        : new Punctuality(newest, true, 0, since);
  }
}
