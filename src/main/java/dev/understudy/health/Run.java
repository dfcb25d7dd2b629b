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
record Run(int length, @Nullable Instant firstBad) {
  static final Run NONE = new Run(0, null);

  Run longer() {
    return new Run(length + 1, firstBad);
  }

  Run restarted() {
    return new Run(0, firstBad);
  }

  /** The run with {@code start} as its first bad observation, unless it has one already. */
  Run since(Instant start) {
    return firstBad != null ? this : new Run(length, start);
  }
}
