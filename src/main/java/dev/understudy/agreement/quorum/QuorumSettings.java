package dev.understudy.agreement.quorum;

import java.time.Duration;

/**
 * How one replica takes part.
 *
 * @param replica its name, which no other has: lower-case letters, digits, {@code -} and {@code .}
 * @param incarnation any text that no other process has
 * @param pod the UID of the pod that it runs in, by which a restarted container knows its own past;
 *     empty: unknown
 * @param renew how often it says that it lives, 10 % more or less; default 2 s
 * @param onLoss what it does while out of touch
 */
public record QuorumSettings(
    String replica, String incarnation, String pod, Duration renew, OnLoss onLoss) {
  /** What a replica does that is out of touch with the others. */
  public enum OnLoss {
    /** It keeps what was agreed on; if that server fails, it decides by what it sees itself. */
    LOCAL,
    /** It sends nothing to any server of a failover pool, and is not ready. */
    HOLD
  }

  /** How old the last renewal that was heard of may be: what was agreed on may be another since. */
  long touchNanos() {
    return renew.toNanos() * 2;
  }

  /** How long another replica counts that is not heard of. Longer than it believes to count. */
  long lifeNanos() {
    return renew.toNanos() * 3;
  }
}
