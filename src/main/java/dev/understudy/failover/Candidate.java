package dev.understudy.failover;

import dev.understudy.health.Health;
import dev.understudy.health.Status;
import dev.understudy.pool.OperatorState;
import java.time.Instant;

/**
 * What the choice needs to know of one server.
 *
 * @param statusSince when the status became what it is; for UP, the time without a break counts
 *     from it
 * @param lastProbeAnswered whether its newest probe was answered, however badly
 * @param connectionFailed whether it is DOWN because it accepts no connections
 * @param circuitOpen whether its circuit breaker, if any, keeps it out of use
 * @param changed whether a new file made it another server (its address, for one) since the last
 *     choice: it keeps the role only by being the best again
 * @param fitness whether it may get the role back
 * @param evidence what the status rests on, for people
 */
public record Candidate(
    Status status,
    Instant statusSince,
    boolean lastProbeAnswered,
    boolean connectionFailed,
    boolean circuitOpen,
    OperatorState operatorState,
    boolean changed,
    Fitness fitness,
    String evidence) {
  /** As this replica sees the server. */
  public static Candidate of(
      Health health, boolean circuitOpen, OperatorState operatorState, boolean changed) {
    return new Candidate(
        health.status(),
        health.statusSince(),
        health.lastProbeAnswered(),
        health.connectionFailed(),
        circuitOpen,
        operatorState,
        changed,
        Fitness.BY_TIME,
        health.evidence());
  }

  /** The same, but not to get the role back. */
  public Candidate notFit() {
    return new Candidate(
        status,
        statusSince,
        lastProbeAnswered,
        connectionFailed,
        circuitOpen,
        operatorState,
        changed,
        Fitness.NOT_FIT,
        evidence);
  }

  boolean ready() {
    return operatorState == OperatorState.READY;
  }

  /** Its first probe, or the first since a new file changed it, is under way. */
  boolean awaited() {
    return ready() && status == Status.UNKNOWN;
  }

  /** UP and ready; whether it is usable depends on breakers, its own and the others'. */
  boolean fit() {
    return status == Status.UP && ready();
  }
}
