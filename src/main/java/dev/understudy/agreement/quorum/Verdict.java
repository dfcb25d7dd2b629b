package dev.understudy.agreement.quorum;

import dev.understudy.failover.Candidate;
import dev.understudy.health.Status;

/** What one replica finds of one server. */
enum Verdict {
  /** Its first probe has not ended. */
  UNKNOWN,
  UP,
  /** UP, but its circuit breaker is open. */
  OPEN,
  /** DOWN, but its last probe was answered. */
  ANSWERED,
  /** DOWN: it accepts no connection. */
  REFUSED,
  /** DOWN: it does not answer. */
  SILENT;

  static Verdict of(Candidate candidate) {
    if (candidate.status() == Status.UNKNOWN) {
      return UNKNOWN;
    }
    if (candidate.status() == Status.UP) {
      return candidate.circuitOpen() ? OPEN : UP;
    }
    if (candidate.lastProbeAnswered()) {
      return ANSWERED;
    }
    return candidate.connectionFailed() ? REFUSED : SILENT;
  }

  boolean isDown() {
    return this == ANSWERED || this == REFUSED || this == SILENT;
  }

  /** Whether the serving server is to be left, as far as this replica is concerned. */
  boolean isBad() {
    return this == OPEN || isDown();
  }
}
