package dev.understudy.probe;

import java.time.Duration;

/**
 * The time-out of one probe, counted in {@value #PARTS} equal parts; the event loop looks at it at
 * the end of each. A part counts if the loop came no later than half a part, or {@link #TOLERANCE},
 * after its end. Otherwise the loop was busy and the response may be unread: the part is repeated,
 * {@value #MOST_REPEATED} times at most in all, so that a process that is always slow still finds a
 * dead server.
 *
 * @param part length of a part
 * @param left parts that must still pass
 * @param repeated parts that were repeated
 */
record AttendedTime(Duration part, int left, int repeated) {
  static final int PARTS = 10;
  static final int MOST_REPEATED = 20;
  static final Duration TOLERANCE = Duration.ofMillis(10);

  static AttendedTime of(Duration timeout) {
    return new AttendedTime(Duration.ofNanos(timeout.toNanos() / PARTS), PARTS, 0);
  }

  /**
   * What is left after a part.
   *
   * @param late actual minus planned time of its end
   */
  AttendedTime after(Duration late) {
    Duration half = Duration.ofNanos(part.toNanos() / 2);
    Duration tolerated = half.compareTo(TOLERANCE) > 0 ? half : TOLERANCE;
    return late.compareTo(tolerated) <= 0 || repeated == MOST_REPEATED
        ? new AttendedTime(part, left - 1, repeated)
        : new AttendedTime(part, left, repeated + 1);
  }

  boolean isOver() {
    return left == 0;
  }
}
