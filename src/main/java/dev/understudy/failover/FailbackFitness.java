package dev.understudy.failover;

/** Whether a server of better rank has been UP for long enough to get the role back. */
public enum FailbackFitness {
  /** Decided by how long it has been UP, by this replica's clock. */
  BY_TIME,
  /** The replicas agree that it has. */
  FIT,
  /** The replicas do not agree that it has; news comes when they do. */
  NOT_FIT,
  /** It is DOWN, and only stays in use as this replica doubts that. */
  DOUBTED
}
