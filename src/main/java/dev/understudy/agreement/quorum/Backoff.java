package dev.understudy.agreement.quorum;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before something that failed is tried again: 50 ms, then 0.5 s, doubled up to 2
 * s, each 10 % more or less; or what the register asked for, up to 10 s.
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

  /** After one more failure. */
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
