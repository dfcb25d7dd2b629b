package dev.understudy.agreement.quorum;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Waiting time before a failed call is repeated: 50 ms after the first failure, then 0.5 s, doubled
 * up to 2 s, each ±10 %; or the time that the register asked for, if that is longer, up to 10 s.
 */
final class Backoff {
  private static final long FIRST = 50;
  private static final long SECOND = 500;
  private static final long LONGEST = 2_000;
  private static final Duration LONGEST_ASKED = Duration.ofSeconds(10);

  private final RandomGenerator random;
  private int failures;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  void reset() {
    failures = 0;
  }

  /** Counts one more failure and returns the time to wait. */
  Duration next(@Nullable Throwable failure) {
    Duration asked = RegisterFailures.retryAfter(failure);
    long millis = failures == 0 ? FIRST : Math.min(LONGEST, SECOND << Math.min(failures - 1, 10));
    failures++;
    Duration own = Duration.ofMillis(Math.round(millis * (0.9 + 0.2 * random.nextDouble())));
    if (asked == null || asked.compareTo(own) <= 0) {
      return own;
    }
    return asked.compareTo(LONGEST_ASKED) < 0 ? asked : LONGEST_ASKED;
  }
}
