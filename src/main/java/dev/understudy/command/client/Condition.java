package dev.understudy.command.client;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a pool is, best first; the ordinal is the exit status of {@code status}. */
enum Condition {
  /** Somebody serves, and nothing is lost. */
  WELL,
  /** Somebody serves, but a server is missing or the serving one is not the best. */
  DEGRADED,
  /** Nobody serves. */
  NOBODY;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Parses the API's word; null if there is none of that name. */
  static @Nullable Condition of(@Nullable String word) {
    for (Condition condition : values()) {
      if (condition.word().equals(word)) {
        return condition;
      }
    }
    return null;
  }
}
