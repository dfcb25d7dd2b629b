package dev.understudy.status;

import dev.understudy.text.Words;
import org.jspecify.annotations.Nullable;

/** How a pool is, best first. */
public enum PoolCondition {
  /** The best server serves, and none is missing. */
  WELL(0),
  /** An operator has set the pool as a whole to maintenance. */
  MAINTENANCE(1),
  /** A server serves, but another is missing or the serving one is not the best. */
  DEGRADED(1),
  /** No server serves. */
  NOBODY(2),
  /** The replica does not report a condition, or reports one of another version. */
  UNKNOWN(3);

  private final int exitStatus;

  PoolCondition(int exitStatus) {
    this.exitStatus = exitStatus;
  }

  /** The exit status of {@code status}; the higher, the worse. */
  public int exitStatus() {
    return exitStatus;
  }

  /** The word of the API. */
  public String word() {
    return Words.lower(this);
  }

  /** Parses the API's word. */
  public static PoolCondition of(@Nullable String word) {
    for (PoolCondition condition : values()) {
      if (condition.word().equals(word)) {
        return condition;
      }
    }
    return UNKNOWN;
  }
}
