package dev.understudy.monitor;

import dev.understudy.health.CircuitPenalty;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a process knows of a server that the probes of the next one cannot tell it.
 *
 * @param since when the status became what it is, by the clock on the wall, as all times here
 * @param evidence the observations behind the status, for people
 * @param circuit null if the server has no circuit breaker
 */
public record KnownServer(
    PoolId pool,
    ServerId server,
    HealthStatus status,
    Instant since,
    String evidence,
    @Nullable Circuit circuit) {
  /**
   * Its circuit breaker.
   *
   * @param evidence the failures that opened it last, for people
   */
  public record Circuit(CircuitPenalty penalty, boolean open, String evidence) {}
}
