package dev.understudy.monitor;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether one of a server's bad probes is void because of this process or its machine, or
 * because of what was done to the server on purpose.
 *
 * <ul>
 *   <li>Void always: a probe that its prober did not end, or could not make for want of a resource
 *       of this machine; nothing was seen of the server. So is the time-out of a first probe while
 *       this process starts. So is any while a planned switch may be fencing the server, for 4 s if
 *       the server has not been judged: until then this replica has no vote, and if all are as new,
 *       nobody can end the switch.
 *   <li>Void for three rounds, time-outs for ten: a bad outcome while this process was paused.
 *       Without another outcome the next one counts, so that a process that keeps pausing still
 *       finds a dead server. A pause can make a time-out, but no refused connection. Probes that
 *       were in flight together are one round: one pause voids them all.
 * </ul>
 */
final class VoidProbePolicy {
  private static final Duration LONGEST_UNJUDGED = Duration.ofSeconds(4);
  private static final int MOST_ROUNDS = 3;
  private static final int MOST_ROUNDS_OF_TIMEOUTS = 10;

  private final PauseDetector pauseDetector;
  private final Predicate<Instant> fencedSince;
  private @Nullable Instant unjudgedSince;
  private int rounds;
  private Instant newestRound = Instant.MIN;

  /**
   * The policy for one server.
   *
   * @param fencedSince whether a planned switch may have fenced it since then
   */
  VoidProbePolicy(PauseDetector pauseDetector, Predicate<Instant> fencedSince) {
    this.pauseDetector = pauseDetector;
    this.fencedSince = fencedSince;
  }

  /**
   * The probe as it counts: with the outcome VOIDED if it is void. To be called once for each probe
   * that ended.
   *
   * @param status the server's status before that probe
   */
  Observation.Probe judged(Observation.Probe probe, HealthStatus status) {
    if (!probe.outcome().isObservation()) {
      return probe;
    }
    if (coldStart(probe, status) || fenced(probe, status)) {
      return voided(probe);
    }
    if (probe.outcome().good() || !pauseDetector.pausedSince(probe.started())) {
      rounds = 0;
      return probe;
    }
    if (!probe.started().isBefore(newestRound)) {
      rounds++;
      newestRound = pauseDetector.now();
    }
    boolean late = probe.outcome() == ProbeOutcome.TIMED_OUT;
    if (rounds <= (late ? MOST_ROUNDS_OF_TIMEOUTS : MOST_ROUNDS)) {
      return voided(probe);
    }
    rounds = 0;
    return probe;
  }

  private boolean fenced(Observation.Probe probe, HealthStatus status) {
    if (probe.outcome().good() || !fencedSince.test(probe.started())) {
      return false;
    }
    if (status != HealthStatus.UNKNOWN) {
      unjudgedSince = null;
      return true;
    }
    if (unjudgedSince == null) {
      unjudgedSince = probe.started();
    }
    return pauseDetector.now().isBefore(unjudgedSince.plus(LONGEST_UNJUDGED));
  }

  private static Observation.Probe voided(Observation.Probe probe) {
    return new Observation.Probe(probe.started(), ProbeOutcome.VOIDED, probe.detail());
  }

  /** A first probe decides alone, so its time-out must not be due to the start of this process. */
  private boolean coldStart(Observation.Probe probe, HealthStatus status) {
    return probe.outcome() == ProbeOutcome.TIMED_OUT
        && status == HealthStatus.UNKNOWN
        && pauseDetector.startingAt(probe.started());
  }
}
