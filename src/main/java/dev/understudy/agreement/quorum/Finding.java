package dev.understudy.agreement.quorum;

import dev.understudy.failover.Candidate;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.StateSetter;

/** One replica's finding on one server. */
enum Finding {
  /** The server's first probe has not ended. */
  UNKNOWN,
  UP,
  /** UP, but its circuit breaker is open. */
  OPEN,
  /** UP, but with a stale claim to the role, or a label that speaks against it. */
  STALE,
  /** DOWN, but its last probe had a response. */
  RESPONDING,
  /** DOWN: it accepts no connections. */
  REFUSED,
  /** DOWN: it does not respond, or its agent or cluster takes it out of use. */
  SILENT;

  static Finding of(Candidate candidate) {
    if (candidate.setter() != StateSetter.OPERATOR) {
      return SILENT;
    }
    if (candidate.status() == HealthStatus.UNKNOWN) {
      return UNKNOWN;
    }
    if (candidate.status() == HealthStatus.UP) {
      if (candidate.stale()) {
        return STALE;
      }
      return candidate.circuitOpen() ? OPEN : UP;
    }
    if (candidate.lastProbeHadResponse()) {
      return RESPONDING;
    }
    return candidate.connectionFailed() ? REFUSED : SILENT;
  }

  boolean isDown() {
    return this == RESPONDING || this == REFUSED || this == SILENT;
  }

  /** Whether this finding speaks for leaving the server if it serves. */
  boolean isBad() {
    return this == OPEN || isDown();
  }
}
