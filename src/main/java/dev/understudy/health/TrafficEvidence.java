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

  TrafficEvidence probeResponded() {
    return new TrafficEvidence(counted, silent, false, refused);
  }

  /** The server was found UP by a probe that began at {@code start}. */
  TrafficEvidence reached(Instant start) {
    return refused == null || !start.isAfter(refused)
        ? this
        : new TrafficEvidence(counted, silent, suspected, null);
  }
}
