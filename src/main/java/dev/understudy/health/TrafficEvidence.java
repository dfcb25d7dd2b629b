package dev.understudy.health;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Evidence of live traffic against a server, and when each kind was last counted.
 *
 * @param counted when a failed connection was last counted; null if never
 * @param silent when silence last led to a suspicion; null if never
 * @param suspected whether no probe has had a response since that suspicion
 */
record TrafficEvidence(@Nullable Instant counted, @Nullable Instant silent, boolean suspected) {
  static final TrafficEvidence NONE = new TrafficEvidence(null, null, false);

  boolean mayCountConnection(Instant now, Duration apart) {
    return counted == null || !now.isBefore(counted.plus(apart));
  }

  TrafficEvidence connectionCounted(Instant now) {
    return new TrafficEvidence(now, silent, suspected);
  }

  boolean maySuspect(Instant now, Duration apart) {
    return !suspected && (silent == null || !now.isBefore(silent.plus(apart)));
  }

  TrafficEvidence suspecting(Instant now) {
    return new TrafficEvidence(counted, now, true);
  }

  TrafficEvidence probeResponded() {
    return new TrafficEvidence(counted, silent, false);
  }
}
