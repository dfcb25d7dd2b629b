package dev.understudy.monitor;

import dev.understudy.health.Health;
import dev.understudy.health.Status;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Keeps the probes of many servers and replicas from falling into step: up to 10 % of an interval,
 * either way, and only while nothing is changing (HAProxy {@code spread-checks}).
 */
final class Jitter {
  private static final double SHARE = 0.1;

  private Jitter() {}

  /** What to add to the time until the next probe. */
  static Duration of(Health health, RandomGenerator random) {
    if (!health.settled()) {
      return Duration.ZERO;
    }
    Duration interval =
        health.status() == Status.UP
            ? health.settings().interval()
            : health.settings().downInterval();
    double share = (2 * random.nextDouble() - 1) * SHARE;
    return Duration.ofNanos((long) (interval.toNanos() * share));
  }
}
