package dev.understudy.pool;

/** State that an operator has set for a server. */
public enum OperatorState {
  /** Normal. */
  READY,
  /** No new sessions; running ones finish. */
  DRAIN,
  /** No traffic at all. */
  MAINTENANCE
}
