package dev.understudy.monitor;

import java.time.Duration;
import java.time.Instant;

/**
 * The factor by which the intervals of checks are longer than configured, as this process gets too
 * little CPU: checks make room for requests before these suffer. At most {@value #MOST}, so that
 * checks that are made in time are not late by it. An immutable value that each beat of the {@link
 * PauseDetector} replaces by the next.
 *
 * <table>
 * <caption>A beat; at most one change in {@link #STEP}</caption>
 * <tr><th>lateness of late beats, or the prober<th>becomes
 * <tr><td>more than {@link #TOO_LATE} on average, or it has too little time<td>{@value #MORE} times
 *     as much
 * <tr><td>less than {@link #IN_TIME}, for {@link #CALM} since the last change<td>divided by that
 * <tr><td>any other<td>the same
 * </table>
 *
 * @param lateness the average of the last beats, the newest counting an eighth
 * @param changed when the factor became what it is, or when it was too late last
 */
record Stretch(double factor, Duration lateness, Instant changed) {
  static final double MOST = 2.5;
  static final double MORE = 1.25;
  static final Duration TOO_LATE = Duration.ofMillis(30);
  static final Duration IN_TIME = Duration.ofMillis(15);

  /** What counts of a longer lateness: one long pause is no lack of CPU. */
  static final Duration LONGEST = Duration.ofMillis(200);

  static final Duration STEP = Duration.ofSeconds(1);
  static final Duration CALM = Duration.ofSeconds(5);
  static final Stretch NONE = new Stretch(1, Duration.ZERO, Instant.EPOCH);

  /**
   * Takes a beat.
   *
   * @param late by how much it came late
   * @param crowded whether the prober has too little time
   */
  Stretch beat(Duration late, boolean crowded, Instant now) {
    Duration counted = late.compareTo(LONGEST) > 0 ? LONGEST : late;
    Duration average = lateness.plus(counted.minus(lateness).dividedBy(8));
    boolean mayStep = !now.isBefore(changed.plus(STEP));
    if (crowded || average.compareTo(TOO_LATE) > 0) {
      return mayStep
          ? new Stretch(Math.min(MOST, factor * MORE), average, now)
          : new Stretch(factor, average, changed);
    }
    boolean calm = average.compareTo(IN_TIME) < 0 && !now.isBefore(changed.plus(CALM));
    return factor > 1 && calm
        ? new Stretch(Math.max(1, factor / MORE), average, now)
        : new Stretch(factor, average, changed);
  }
}
