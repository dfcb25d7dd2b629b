package dev.understudy.monitor;

import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Spreads the probes of many servers and replicas: up to 10 % of an interval, either way, and only
 * while a server's health is settled (HAProxy {@code spread-checks}).
 */
final class Jitter {
  private static final double SHARE = 0.1;

  private Jitter() {}

  /** Returns the time to add to the wait for the next probe; zero or negative at times. */
  static Duration of(Health health, RandomGenerator random) {
    if (!health.settled()) {
      return Duration.ZERO;
    }
    Duration interval =
        health.status() == HealthStatus.UP
            ? health.settings().interval()
            : health.settings().downInterval();
    return of(interval, random);
  }

  /** Returns the time to add to an interval; negative at times. */
  static Duration of(Duration interval, RandomGenerator random) {
    double share = (2 * random.nextDouble() - 1) * SHARE;
    return Duration.ofNanos((long) (interval.toNanos() * share));
  }
}
