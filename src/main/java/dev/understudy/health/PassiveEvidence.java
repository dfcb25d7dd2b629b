package dev.understudy.health;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What live traffic has said of a server, and how often it was listened to.
 *
 * @param counted when a failed connection was last counted
 * @param silent when silence last led to a suspicion
 * @param suspected whether no probe was answered since
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

  PassiveEvidence answered() {
    return new PassiveEvidence(counted, silent, false);
  }
}
