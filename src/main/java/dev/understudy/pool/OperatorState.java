package dev.understudy.pool;

/** What an operator has asked of a server. */
public enum OperatorState {
  /** Normal. */
  READY,
  /** No new sessions; running ones finish. */
  DRAIN,
  /** No traffic at all. */
  MAINTENANCE
}
