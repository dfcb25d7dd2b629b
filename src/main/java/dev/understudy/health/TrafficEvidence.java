package dev.understudy.health;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Evidence of live traffic against a server, and when each kind was last counted.
 *
 * @param counted when a failed connection was last counted; null if never
 * @param silent when silence last led to a suspicion; null if never
 * @param suspected whether no probe that began since that suspicion has had a response
 * @param refused when a connection failed last, if no probe that began later has found the server
 *     UP; null if none did
 */
record TrafficEvidence(
    @Nullable Instant counted,
    @Nullable Instant silent,
    boolean suspected,
    @Nullable Instant refused) {
  static final TrafficEvidence NONE = new TrafficEvidence(null, null, false, null);

  boolean mayCountConnection(Instant now, Duration apart) {
    return counted == null || !now.isBefore(counted.plus(apart));
  }

  TrafficEvidence connectionCounted(Instant now) {
    return new TrafficEvidence(now, silent, suspected, now);
  }

  boolean maySuspect(Instant now, Duration apart) {
    return !suspected && (silent == null || !now.isBefore(silent.plus(apart)));
  }

  TrafficEvidence suspecting(Instant now) {
    return new TrafficEvidence(counted, now, true, refused);
  }

  /** A probe that began then has had a response; what was suspected later stays so. */
  TrafficEvidence responded(Instant asked) {
    return silent != null && asked.isBefore(silent) ? this : unsuspected();
  }

  TrafficEvidence unsuspected() {
    return suspected ? new TrafficEvidence(counted, silent, false, refused) : this;
  }

  /** The server was found UP by a probe that began then. */
  TrafficEvidence reached(Instant asked) {
    return refused == null || !asked.isAfter(refused)
        ? this
        : new TrafficEvidence(counted, silent, suspected, null);
  }
}
