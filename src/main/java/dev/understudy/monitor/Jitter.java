package dev.understudy.monitor;

import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Spreads the probes of many servers and replicas: up to 10 % of an interval, either way, and only
 * while a server's health is settled (HAProxy {@code spread-checks}).
 */
final class Jitter {
  private static final double SHARE = 0.1;

  /**
   * Probes begin in {@link Turns}, of the greatest of these lengths that is at most a tenth of the
   * interval: from one turn, an interval with its jitter leads to another. Those at shorter
   * intervals begin at any time.
   */
  private static final List<Duration> TURNS =
      List.of(Duration.ofMillis(200), Duration.ofMillis(100));

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
    for (Duration turn : TURNS) {
      if (interval.compareTo(turn.multipliedBy(10)) >= 0) {
        Duration jittered = wait.plus(of(interval, random));
        return jittered.plus(Turns.toNearest(now.plus(jittered), turn));
      }
    }
    return wait.plus(of(interval, random));
  }

  /** Returns the time to add to an interval; negative at times. */
  static Duration of(Duration interval, RandomGenerator random) {
    double share = (2 * random.nextDouble() - 1) * SHARE;
    return Duration.ofNanos((long) (interval.toNanos() * share));
  }
}
