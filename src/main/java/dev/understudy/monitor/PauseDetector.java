package dev.understudy.monitor;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.health.Status;
import java.time.Instant;

/**
 * Decides whether one of a server's bad probes is void because this process was slow: paused while
 * the probe was in flight, or still starting when a first probe timed out. After three rounds of
 * voided probes without another one the next one counts, so that a process that keeps pausing still
 * finds a dead server. Probes that were in flight together are one round: one pause voids them all.
 */
final class PauseDetector {
  private static final int MOST_ROUNDS = 3;

  private final Heartbeat heartbeat;
  private int rounds;
  private Instant newestRound = Instant.MIN;

  PauseDetector(Heartbeat heartbeat) {
    this.heartbeat = heartbeat;
  }

  /**
   * The probe as it counts: with the outcome VOIDED if it is void; TIMED_OUT if it was void before
   * and nevertheless counts. To be called once for each probe that ended.
   *
   * @param status the server's status before that probe
   */
  Observation.Probe judged(Observation.Probe probe, Status status) {
    if (coldStart(probe, status)) {
      return with(ProbeOutcome.VOIDED, probe);
    }
    boolean lost = probe.outcome() == ProbeOutcome.VOIDED;
    boolean spoilt = lost || (!probe.outcome().good() && heartbeat.pausedSince(probe.started()));
    if (!spoilt) {
      rounds = 0;
      return probe;
    }
    if (!probe.started().isBefore(newestRound)) {
      rounds++;
      newestRound = heartbeat.now();
    }
    if (rounds <= MOST_ROUNDS) {
      return with(ProbeOutcome.VOIDED, probe);
    }
    rounds = 0;
    return lost ? with(ProbeOutcome.TIMED_OUT, probe) : probe;
  }

  private static Observation.Probe with(ProbeOutcome outcome, Observation.Probe probe) {
    return new Observation.Probe(probe.started(), outcome, probe.detail());
  }

  /** A first probe decides alone, so its time-out must not be due to the start of this process. */
  private boolean coldStart(Observation.Probe probe, Status status) {
    return probe.outcome() == ProbeOutcome.TIMED_OUT
        && status == Status.UNKNOWN
        && heartbeat.startingAt(probe.started());
  }
}
