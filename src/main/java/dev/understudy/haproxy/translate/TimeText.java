package dev.understudy.haproxy.translate;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HAProxy's times and sizes (configuration manual, 2.5 and 2.6), and ours. */
final class TimeText {
  private static final Pattern TIME = Pattern.compile("([0-9]{1,12})(us|ms|s|m|h|d)?");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})([kKmMgG])?");

  private TimeText() {}

  /** A time, in milliseconds unless it has a unit; absent if it is none. */
  static Optional<Duration> parse(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2) == null ? "ms" : matcher.group(2);
    return Optional.of(
        switch (unit) {
          case "us" -> Duration.ofMillis((number + 999) / 1000);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          case "d" -> Duration.ofDays(number);
          default -> Duration.ofMillis(number);
        });
  }

  /** A size in bytes; absent if it is none. */
  static Optional<Long> size(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2) == null ? "" : matcher.group(2).toLowerCase(Locale.ROOT);
    return Optional.of(
        switch (unit) {
          case "k" -> number << 10;
          case "m" -> number << 20;
          case "g" -> number << 30;
          default -> number;
        });
  }

  /** A duration in our form: a number with the largest unit that fits. */
  static String ours(Duration time) {
    long ms = time.toMillis();
    if (ms > 0 && ms % 3_600_000 == 0) {
      return ms / 3_600_000 + "h";
    }
    if (ms > 0 && ms % 60_000 == 0) {
      return ms / 60_000 + "m";
    }
    return ms % 1000 == 0 ? ms / 1000 + "s" : ms + "ms";
  }

  /** The time within bounds. */
  static Duration within(Duration time, Duration least, Duration most) {
    return time.compareTo(least) < 0 ? least : time.compareTo(most) > 0 ? most : time;
  }
}
