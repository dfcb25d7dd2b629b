package dev.understudy.health;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Observations in a row that speak against a server's status.
 *
 * @param length their number: bad ones while UP, good ones while DOWN
 * @param firstBad start of the first bad one; while DOWN, of the run that made the server DOWN.
 *     Null if nothing is bad
 */
record ObservationRun(int length, @Nullable Instant firstBad) {
  static final ObservationRun NONE = new ObservationRun(0, null);

  ObservationRun longer() {
    return new ObservationRun(length + 1, firstBad);
  }

  ObservationRun restarted() {
    return new ObservationRun(0, firstBad);
  }

  /** The run with {@code start} as its first bad observation, unless it has one already. */
  ObservationRun since(Instant start) {
    return firstBad != null ? this : new ObservationRun(length, start);
  }

  /** For people: {@code "1 good probe"}, {@code "3 good probes in a row"}. */
  String words(String one, String many) {
    return length == 1 ? "1 " + one : length + " " + many + " in a row";
  }
}
