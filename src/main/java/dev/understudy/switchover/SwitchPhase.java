package dev.understudy.switchover;

/** The phases of a {@link PlannedSwitch}. */
public enum SwitchPhase {
  /** Its time has not come. */
  SCHEDULED(false, false),
  /** All replicas hold what is new; what runs at the old server finishes. */
  PAUSING(true, false),
  /** No replica sends anything to the old server, which is told that it is no master any more. */
  FENCING(true, false),
  /** The new server is told that it is the master, and its health check is awaited. */
  PROMOTING(true, false),
  /** The new server failed: the old one is told that it is the master after all. */
  ROLLING_BACK(true, false),
  /** The new server serves. */
  MOVED(false, true),
  /** Nothing changed: the old server serves as before. */
  GIVEN_UP(false, true),
  /** The old server serves again, in a new epoch. */
  ROLLED_BACK(false, true),
  /**
   * Neither server is known to be the master: the replicas choose whom to promote, as after any
   * failure, the old server last.
   */
  FAILED(false, true);

  private final boolean pauses;
  private final boolean over;

  SwitchPhase(boolean pauses, boolean over) {
    this.pauses = pauses;
    this.over = over;
  }

  /** Whether the pool's clients are held. */
  public boolean pauses() {
    return pauses;
  }

  /** Whether it is the last phase. */
  public boolean isOver() {
    return over;
  }

  /** Whether it can still be given up without a trace. */
  public boolean canBeGivenUp() {
    return this == SCHEDULED || this == PAUSING;
  }

  /** Whether the old server may have been fenced, so that nothing else may choose who serves. */
  public boolean isFenced() {
    return pauses && this != PAUSING;
  }
}
