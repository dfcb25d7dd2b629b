package dev.understudy.status;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** The time since an instant in two units at most: {@code 42s}, {@code 3m12s}, {@code 2d4h}. */
public final class AgeText {
  private AgeText() {}

  /**
   * Computes the age.
   *
   * @param since ISO 8601
   * @param now ISO 8601, by the same clock
   * @return {@code -} if either is unknown
   */
  public static String of(@Nullable String since, @Nullable String now) {
    Instant from = instant(since);
    Instant to = instant(now);
    return from == null || to == null ? "-" : of(Duration.between(from, to));
  }

  /** The same of a known age; {@code 0s} for one that is negative. */
  public static String of(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m" + seconds % 60 + "s";
    }
    return seconds < 86400
        ? seconds / 3600 + "h" + seconds % 3600 / 60 + "m"
        : seconds / 86400 + "d" + seconds % 86400 / 3600 + "h";
  }

  /** Parses a time in ISO 8601; null if it is none. */
  public static @Nullable Instant instant(@Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
