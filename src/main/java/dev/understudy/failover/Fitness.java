package dev.understudy.failover;

/** Whether a server of better rank has been well for long enough to get the role back. */
public enum Fitness {
  /** To be told from how long it has been UP, by the clock of this replica. */
  BY_TIME,
  /** Replicas agree that it has. */
  FIT,
  /** Replicas do not agree on it; news will come when they do. */
  NOT_FIT
}
