package dev.understudy.agreement.quorum;

import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFitness;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StateOrigin;
import org.jspecify.annotations.Nullable;

/** One replica's finding on one server. */
enum Finding {
  /** The server's first probe has not ended. */
  UNKNOWN,
  UP,
  /** UP, but its circuit breaker is open. */
  OPEN,
  /** UP, but with a stale claim to the role, or a label that speaks against it. */
  STALE,
  /** As if UP: its failure is doubted, see {@link Candidate#kept}. An older version: UNKNOWN. */
  DOUBTED,
  /**
   * This replica has had no time to check it for long: it was UP, in doubt or not, or open when it
   * was last checked. No news of it, so it leaves the count. A version that does not know this
   * takes it for UNKNOWN: it still counts the voter, and decides less.
   */
  LATE,
  /** The same of one that was DOWN. */
  LATE_DOWN,
  /** DOWN, but its last probe had a response. */
  RESPONDING,
  /**
   * The same, but its data is too far behind for a promotion, which one voter is enough to prevent.
   * A version that does not know this takes it for UNKNOWN, and promotes nobody meanwhile.
   */
  TOO_FAR_BEHIND,
  /** DOWN: it accepts no connections. */
  REFUSED,
  /** DOWN: it does not respond. */
  SILENT,
  /** Its agent takes it out of use; to a version that does not know this it is UNKNOWN. */
  AGENT_DRAIN(OperatorState.DRAIN, StateOrigin.AGENT),
  AGENT_MAINTENANCE(OperatorState.MAINTENANCE, StateOrigin.AGENT),
  /** Its cluster does: its Pod terminates. */
  CLUSTER_DRAIN(OperatorState.DRAIN, StateOrigin.CLUSTER);

  private final @Nullable OperatorState state;
  private final @Nullable StateOrigin setter;

  Finding() {
    this(null, null);
  }

  Finding(@Nullable OperatorState state, @Nullable StateOrigin setter) {
    this.state = state;
    this.setter = setter;
  }

  /**
   * The finding on a server. Late checks make good and bad findings void, and an open breaker too:
   * it counts time-outs that may be this replica's own. They neither lift a stale claim nor what an
   * agent or a cluster says.
   */
  static Finding of(Candidate candidate) {
    for (Finding each : values()) {
      if (each.setter == candidate.setter() && each.state == candidate.operatorState()) {
        return each;
      }
    }
    if (candidate.status() == HealthStatus.UNKNOWN) {
      return UNKNOWN;
    }
    if (candidate.status() == HealthStatus.UP && candidate.stale()) {
      return STALE;
    }
    if (candidate.late()) {
      return candidate.status() == HealthStatus.UP ? LATE : LATE_DOWN;
    }
    if (candidate.status() == HealthStatus.UP) {
      if (candidate.circuitOpen()) {
        return OPEN;
      }
      return candidate.fitness() == FailbackFitness.DOUBTED ? DOUBTED : UP;
    }
    if (candidate.lastProbeHadResponse()) {
      return candidate.behind() == null ? RESPONDING : TOO_FAR_BEHIND;
    }
    return candidate.connectionFailed() ? REFUSED : SILENT;
  }

  boolean isDown() {
    return this == RESPONDING
        || this == TOO_FAR_BEHIND
        || this == REFUSED
        || this == SILENT
        || isWithdrawn();
  }

  /** Whether it tells nothing of the server for want of time. */
  boolean isLate() {
    return this == LATE || this == LATE_DOWN;
  }

  /** Whether the server is out of use, however well it is. */
  boolean isWithdrawn() {
    return state != null;
  }

  /** The candidate as this finding has it: out of use, if it is withdrawn. */
  Candidate applied(Candidate candidate) {
    return state == null || setter == null ? candidate : candidate.with(state, setter);
  }

  /** Whether this finding speaks for leaving the server if it serves. */
  boolean isBad() {
    return this == OPEN || isDown();
  }
}
