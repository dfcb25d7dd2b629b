package dev.understudy.agreement.quorum;

import java.time.Duration;

/**
 * Settings of one replica's part in the agreement.
 *
 * @param replica its name, which no other has: lower-case letters, digits, {@code -} and {@code .}
 * @param incarnation any text that no other process has but the one that it was handed over from
 * @param pod the UID of the pod that it runs in, by which a restarted container knows its own past;
 *     empty if unknown
 * @param renew time between renewals of its entry, ±10 %; default 2 s
 * @param onLoss what it does while out of touch
 */
public record QuorumSettings(
    String replica, String incarnation, String pod, Duration renew, OnLoss onLoss) {
  /** Behaviour of a replica that is out of touch with the others. */
  public enum OnLoss {
    /** The replica keeps the agreement; if the serving server fails, it decides by its own view. */
    LOCAL,
    /** The replica sends nothing to any server of a failover pool, and is not ready. */
    HOLD
  }

  /** Time in nanoseconds for which one renewal keeps contact; later, all may have changed. */
  long touchNanos() {
    return renew.toNanos() * 2;
  }

  /** Nanoseconds for which a silent replica counts; longer than it believes to count itself. */
  long lifeNanos() {
    return renew.toNanos() * 3;
  }
}
