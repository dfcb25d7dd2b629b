package dev.understudy.command.client;

import dev.understudy.text.Words;
import org.jspecify.annotations.Nullable;

/** How a pool is, best first. */
enum PoolCondition {
  /** Somebody serves, and nothing is lost. */
  WELL(0),
  /** Somebody serves, but a server is missing or the serving one is not the best. */
  DEGRADED(1),
  /** Nobody serves. */
  NOBODY(2);

  private final int exitStatus;

  PoolCondition(int exitStatus) {
    this.exitStatus = exitStatus;
  }

  /** The exit status of {@code status}; the higher, the worse. */
  int exitStatus() {
    return exitStatus;
  }

  String word() {
    return Words.lower(this);
  }

  /** Parses the API's word; null if there is none of that name. */
  static @Nullable PoolCondition of(@Nullable String word) {
    for (PoolCondition condition : values()) {
      if (condition.word().equals(word)) {
        return condition;
      }
    }
    return null;
  }
}
