package dev.understudy.failover;

import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import java.time.Duration;
import java.time.Instant;

/**
 * Time for which a returned server must have been UP before it gets the role back.
 *
 * <p>The first failback follows the policy. A failback within ten minutes after another waits
 * longer, so that a server that comes and goes does not take all clients with it: a base × 2, then
 * × 4, × 8, and × 16 for all further ones. The base is 10 s, or the delayed policy's {@code after}
 * if that is longer. Ten minutes after the last failback all failbacks are forgotten.
 *
 * @param recent failbacks in succession, the last of them less than ten minutes ago
 */
record Damping(FailbackSettings settings, RoleState roleState, int recent) {
  static final Duration MEMORY = Duration.ofMinutes(10);

  private static final Duration SHORTEST_BASE = Duration.ofSeconds(10);
  private static final int MAX_DOUBLINGS = 4;

  static Damping at(FailbackSettings settings, RoleState roleState, Instant now) {
    Instant last = roleState.lastFailback();
    // A wall clock that was set back between two runs must not damp for longer than intended.
    boolean remembered = last != null && !last.isAfter(now) && now.isBefore(last.plus(MEMORY));
    return new Damping(settings, roleState, remembered ? roleState.failbacks() : 0);
  }

  boolean active() {
    return recent > 0;
  }

  /** Time for which a server must have been UP. */
  Duration upTime() {
    return active() ? base().multipliedBy(1L << Math.min(recent, MAX_DOUBLINGS)) : policyWait();
  }

  /**
   * When a server that has been UP since {@code upSince} may get the role, if it stays UP. What it
   * was UP before the last failback does not count: that may have been given up.
   */
  Instant due(Instant upSince) {
    Instant last = roleState.lastFailback();
    if (!active() || last == null) {
      return upSince.plus(upTime());
    }
    Instant due = later(upSince, last).plus(upTime());
    Instant undamped = later(upSince.plus(policyWait()), last.plus(MEMORY));
    return undamped.isBefore(due) ? undamped : due;
  }

  /** Reason for the wait of a returned server, for people. */
  String description() {
    Duration wait = policyWait();
    String delayed =
        wait.isZero()
            ? ""
            : "delayed: the server has to be UP for " + ChoiceExplainer.seconds(wait);
    if (!active()) {
      return delayed;
    }
    return (delayed.isEmpty() ? "" : delayed + "; ")
        + "damped: "
        + ChoiceExplainer.ordinal(recent + 1)
        + " failback within ten minutes, so the server has to be UP for "
        + ChoiceExplainer.seconds(upTime());
  }

  private Duration policyWait() {
    return settings.policy() == Policy.DELAYED ? settings.after() : Duration.ZERO;
  }

  private Duration base() {
    Duration wait = policyWait();
    return wait.compareTo(SHORTEST_BASE) > 0 ? wait : SHORTEST_BASE;
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
