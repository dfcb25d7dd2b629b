package dev.understudy.notification;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How long to wait before a message is sent again. */
final class RetryDelay {
  static final Duration SHORTEST = Duration.ofSeconds(1);
  static final Duration LONGEST = Duration.ofSeconds(60);

  /** The longest wait that a receiver may ask for. */
  static final Duration LONGEST_ASKED = Duration.ofMinutes(10);

  private RetryDelay() {}

  /**
   * 1 s, 2 s, 4 s … 60 s, each a fourth more or less; longer if the receiver asks for it.
   *
   * @param failures in a row, at least 1
   * @param retryAfter as the response has it (RFC 9110 §10.2.3), in seconds or as a date; null if
   *     it has none
   */
  static Duration after(
      int failures, @Nullable String retryAfter, Instant now, RandomGenerator random) {
    double plain = Math.scalb(1_000.0, Math.min(failures - 1, 6));
    double spread = plain * (0.75 + random.nextDouble() / 2);
    Duration own = clamp(Duration.ofMillis(Math.round(spread)), LONGEST);
    Duration asked =
        retryAfter == null ? SHORTEST : clamp(asked(retryAfter.strip(), now), LONGEST_ASKED);
    return asked.compareTo(own) > 0 ? asked : own;
  }

  private static Duration clamp(Duration wait, Duration longest) {
    Duration least = wait.compareTo(SHORTEST) < 0 ? SHORTEST : wait;
    return least.compareTo(longest) > 0 ? longest : least;
  }

  private static Duration asked(String text, Instant now) {
    if (text.matches("[0-9]{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      return Duration.between(
          now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }
}
