package dev.understudy.monitor;

import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Spreads the probes of many servers and replicas: up to 10 % of an interval, either way, and only
 * while a server's health is settled (HAProxy {@code spread-checks}).
 */
final class Jitter {
  private static final double SHARE = 0.1;

  /** Probes begin in {@link Turns} of that length. */
  private static final Duration TURN = Duration.ofMillis(50);

  /** Probes at shorter intervals begin at any time. */
  private static final Duration LEAST_IN_TURN = Duration.ofSeconds(1);

  private Jitter() {}

  /**
   * The time after {@code now} of the next probe, which without jitter is due after {@code wait}.
   */
  static Duration after(Duration wait, Instant now, Health health, RandomGenerator random) {
    if (!health.settled()) {
      return wait;
    }
    Duration interval =
        health.status() == HealthStatus.UP
            ? health.settings().interval()
            : health.settings().downInterval();
    Duration jittered = wait.plus(of(interval, random));
    return interval.compareTo(LEAST_IN_TURN) < 0
        ? jittered
        : jittered.plus(Turns.toNearest(now.plus(jittered), TURN));
  }

  /** Returns the time to add to an interval; negative at times. */
  static Duration of(Duration interval, RandomGenerator random) {
    double share = (2 * random.nextDouble() - 1) * SHARE;
    return Duration.ofNanos((long) (interval.toNanos() * share));
  }
}
