package dev.understudy.health;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Observations in a row that speak against a server's status.
 *
 * @param length how many: bad ones while UP, good ones while DOWN
 * @param firstBad when the first bad one was started; while DOWN, of the run that led there
 */
record Run(int length, @Nullable Instant firstBad) {
  static final Run NONE = new Run(0, null);

  Run longer() {
    return new Run(length + 1, firstBad);
  }

  Run restarted() {
    return new Run(0, firstBad);
  }

  /** With that start of something bad, unless one is known already. */
  Run since(Instant start) {
    return firstBad != null ? this : new Run(length, start);
  }
}
