package dev.understudy.monitor;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Moments at which work is done that need not be done at an exact time, so that much of it is done
 * together: each time that a thread wakes up costs as much as what it then does.
 */
final class Turns {
  private Turns() {}

  /** The time from {@code now} to the next turn: more than none, and one length at most. */
  static Duration untilNext(Instant now, Duration length) {
    return length.minusNanos(
        Math.floorMod(Instant.EPOCH.until(now, ChronoUnit.NANOS), length.toNanos()));
  }

  /** The time from {@code then} to the nearest turn; negative to one before. */
  static Duration toNearest(Instant then, Duration length) {
    Duration half = length.dividedBy(2);
    return untilNext(then.plus(half), length).minus(half);
  }
}
