package dev.understudy.monitor;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.health.Status;

/**
 * Decides whether one of a server's bad probes is void because this process was slow: paused while
 * the probe was in flight, or still starting when a first probe timed out. After three voided
 * probes in a row the next one counts, so that a process that keeps pausing still finds a dead
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
   * Whether {@code probe} is void; to be called once for each probe that ended.
   *
   * @param status the server's status before that probe
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

  /** A first probe decides alone, so its time-out must not be due to the start of this process. */
  private boolean coldStart(Observation.Probe probe, Status status) {
    return probe.outcome() == ProbeOutcome.TIMED_OUT
        && status == Status.UNKNOWN
        && heartbeat.startingAt(probe.started());
  }
}
