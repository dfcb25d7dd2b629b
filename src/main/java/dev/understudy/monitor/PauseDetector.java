package dev.understudy.monitor;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.health.Status;

/**
 * Says of one server's bad probes whether it was us who were slow: paused while they were in
 * flight, or still starting when a first one timed out. Such a probe is void; but after three
 * pauses in a row the next probe counts, so that a process that keeps pausing still finds a dead
 * server.
 */
final class PauseDetector {
  private static final int MOST_VOIDED_IN_A_ROW = 3;

  private final Heartbeat heartbeat;
  private int voidedInARow;

  PauseDetector(Heartbeat heartbeat) {
    this.heartbeat = heartbeat;
  }

  /**
   * Whether that probe is void; to be asked of each one that ended, once.
   *
   * @param status the server's before that probe
   */
  boolean spoilt(Observation.Probe probe, Status status) {
    if (coldStart(probe, status)) {
      return true;
    }
    boolean paused =
        !probe.outcome().good()
            && voidedInARow < MOST_VOIDED_IN_A_ROW
            && heartbeat.pausedSince(probe.started());
    voidedInARow = paused ? voidedInARow + 1 : 0;
    return paused;
  }

  /** A first probe decides alone, so it must not be our own cold start that timed out. */
  private boolean coldStart(Observation.Probe probe, Status status) {
    return probe.outcome() == ProbeOutcome.TIMED_OUT
        && status == Status.UNKNOWN
        && heartbeat.startingAt(probe.started());
  }
}
