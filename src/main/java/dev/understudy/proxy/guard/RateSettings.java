package dev.understudy.proxy.guard;

import java.time.Duration;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code RateLimit} that its counters depend on.
 *
 * @param requests permitted in any period, at least 1
 * @param period 100 ms to 1 day
 * @param key what requests are counted by
 * @param entries the most keys in memory, 1 to 10,000,000
 */
public record RateSettings(long requests, Duration period, RateLimitKey key, int entries) {
  /** The default of {@code entries}. */
  static final int DEFAULT_ENTRIES = 100_000;

  private static final int MOST_ENTRIES = 10_000_000;
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final Pattern PERIOD = Pattern.compile("([0-9]{1,9})?(ms|s|m|h|d)");

  /**
   * Reads the arguments.
   *
   * @param arguments by name: {@code rate}, or {@code requests} and {@code period}; {@code key};
   *     {@code entries}
   * @throws IllegalArgumentException if one is not valid; the message says what was expected
   */
  static RateSettings of(Function<String, @Nullable String> arguments) {
    String rate = arguments.apply("rate");
    String requests = arguments.apply("requests");
    String period = arguments.apply("period");
    if (rate != null) {
      int slash = rate.indexOf('/');
      if (slash < 0 || requests != null || period != null) {
        throw new IllegalArgumentException(
            "rate: expected REQUESTS/PERIOD such as 100/10s, or requests and period, found '"
                + rate
                + "'");
      }
      requests = rate.substring(0, slash).trim();
      period = rate.substring(slash + 1).trim();
    }
    return new RateSettings(
        number("requests", requests, null, 1, 999_999_999),
        period(period),
        RateLimitKey.of(arguments.apply("key")),
        (int) number("entries", arguments.apply("entries"), DEFAULT_ENTRIES, 1, MOST_ENTRIES));
  }

  /** Reads a number; {@code otherwise} stands for a missing one, null if it must be there. */
  static long number(
      String name, @Nullable String text, @Nullable Integer otherwise, long least, long most) {
    if (text == null && otherwise != null) {
      return otherwise;
    }
    long value = text != null && NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + least
              + " to "
              + most
              + ", found "
              + (text == null ? "nothing" : "'" + text + "'"));
    }
    return value;
  }

  /** Reads a number with its unit; a unit alone is one of it, as in {@code 5/s}. */
  private static Duration period(@Nullable String text) {
    Matcher parts = PERIOD.matcher(text == null ? "" : text);
    if (parts.matches()) {
      long count = parts.group(1) == null ? 1 : Long.parseLong(parts.group(1));
      Duration period =
          switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
          };
      if (period.compareTo(SHORTEST) >= 0 && period.compareTo(LONGEST) <= 0) {
        return period;
      }
    }
    throw new IllegalArgumentException(
        "period: expected 100ms to 1d, such as 10s, found "
            + (text == null ? "nothing" : "'" + text + "'"));
  }
}
