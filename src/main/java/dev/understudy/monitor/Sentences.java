package dev.understudy.monitor;

import dev.understudy.failover.Reason;
import dev.understudy.health.Status;
import dev.understudy.monitor.Event.CircuitChanged;
import dev.understudy.monitor.Event.HealthChanged;
import dev.understudy.monitor.Event.OperatorStateChanged;
import dev.understudy.monitor.Event.Switched;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Events, each with its sentence for people. */
final class Sentences {
  private Sentences() {}

  static Switched switched(
      PoolId pool,
      @Nullable ServerId from,
      @Nullable ServerId to,
      Reason reason,
      long epoch,
      String evidence,
      @Nullable Duration took) {
    String who = to == null ? "nobody serves" : to + " serves";
    String instead = from == null ? "" : " instead of " + from;
    String after = took == null ? "" : ", " + readable(took) + " after the first bad sign";
    String message =
        "Pool %s: %s%s: %s (%s, epoch %d%s)"
            .formatted(pool, who, instead, reason, evidence, epoch, after);
    return new Switched(pool, from, to, reason, epoch, evidence, took, message);
  }

  static HealthChanged healthChanged(
      PoolId pool, ServerId server, Status from, Status to, String evidence) {
    String message =
        "Pool %s: server %s is %s, it was %s: %s".formatted(pool, server, to, from, evidence);
    return new HealthChanged(pool, server, from, to, evidence, message);
  }

  static CircuitChanged circuitChanged(
      PoolId pool, ServerId server, boolean open, String evidence) {
    String message =
        "Pool %s: circuit breaker of %s %s: %s"
            .formatted(pool, server, open ? "opened" : "closed", evidence);
    return new CircuitChanged(pool, server, open, message);
  }

  static OperatorStateChanged operatorStateChanged(
      PoolId pool, ServerId server, OperatorState from, OperatorState to) {
    String message =
        "Pool %s: an operator set %s to %s, it was %s"
            .formatted(pool, server, lower(to), lower(from));
    return new OperatorStateChanged(pool, server, from, to, message);
  }

  private static String readable(Duration duration) {
    return duration.toSeconds() < 10 ? duration.toMillis() + " ms" : duration.toSeconds() + " s";
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
