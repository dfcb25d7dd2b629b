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
record PassiveEvidence(@Nullable Instant counted, @Nullable Instant silent, boolean suspected) {
  static final PassiveEvidence NONE = new PassiveEvidence(null, null, false);

  boolean mayCountConnection(Instant now, Duration apart) {
    return counted == null || !now.isBefore(counted.plus(apart));
  }

  PassiveEvidence connectionCounted(Instant now) {
    return new PassiveEvidence(now, silent, suspected);
  }

  boolean maySuspect(Instant now, Duration apart) {
    return !suspected && (silent == null || !now.isBefore(silent.plus(apart)));
  }

  PassiveEvidence suspecting(Instant now) {
    return new PassiveEvidence(counted, now, true);
  }

  PassiveEvidence probeResponded() {
    return new PassiveEvidence(counted, silent, false);
  }
}
