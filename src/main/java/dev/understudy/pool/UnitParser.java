package dev.understudy.pool;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Durations and sizes as Spring Boot reads them in the static settings, but never without a unit: a
 * bare 2 is two milliseconds there. Zero needs none.
 */
public final class UnitParser {
  private static final Pattern NUMBER = Pattern.compile("([+-]?[0-9]+)([a-zA-Z]{1,2})");

  private static final Map<String, ChronoUnit> TIMES =
      Map.of(
          "ns", ChronoUnit.NANOS,
          "us", ChronoUnit.MICROS,
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);

  private static final Map<String, Integer> SIZES =
      Map.of("B", 0, "KB", 10, "MB", 20, "GB", 30, "TB", 40);

  private UnitParser() {}

  /**
   * Parses a duration such as {@code 2s}, or in the form of ISO 8601.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Duration duration(String text) {
    try {
      if (text.equals("0")) {
        return Duration.ZERO;
      }
      Matcher number = NUMBER.matcher(text);
      return number.matches()
          ? Duration.of(
              Long.parseLong(number.group(1)),
              required(TIMES.get(number.group(2).toLowerCase(Locale.ROOT))))
          : Duration.parse(text);
    } catch (ArithmeticException | DateTimeParseException e) {
      throw new IllegalArgumentException("no duration", e);
    }
  }

  /**
   * The text of a duration in milliseconds, in the largest unit up to hours of which it is whole.
   */
  public static String text(Duration time) {
    long ms = time.toMillis();
    if (ms % 1000 != 0) {
      return ms + "ms";
    }
    if (ms == 0 || ms % 60_000 != 0) {
      return ms / 1000 + "s";
    }
    return ms % 3_600_000 == 0 ? ms / 3_600_000 + "h" : ms / 60_000 + "m";
  }

  /**
   * Parses a size such as {@code 64KB} to bytes.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static long bytes(String text) {
    if (text.equals("0")) {
      return 0;
    }
    Matcher number = NUMBER.matcher(text.replaceAll("\\s", ""));
    if (!number.matches()) {
      throw new IllegalArgumentException("no size");
    }
    try {
      return Math.multiplyExact(
          Long.parseLong(number.group(1)), 1L << required(SIZES.get(number.group(2))));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("no size", e);
    }
  }

  private static <T> T required(@Nullable T unit) {
    if (unit == null) {
      throw new IllegalArgumentException("no such unit");
    }
    return unit;
  }
}
