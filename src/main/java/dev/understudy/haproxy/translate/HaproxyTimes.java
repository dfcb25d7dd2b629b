package dev.understudy.haproxy.translate;

import dev.understudy.pool.UnitParser;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HAProxy's times and sizes (configuration manual, 2.5 and 2.6), and Understudy's times. */
final class HaproxyTimes {
  /** Powers of two. */
  private static final Map<String, Integer> SIZE_UNITS = Map.of("", 0, "k", 10, "m", 20, "g", 30);

  /** Above all that HAProxy accepts, and countable in milliseconds. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Pattern TIME = Pattern.compile("([0-9]{1,12})(us|ms|s|m|h|d)?");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})([kKmMgG]?)");

  private HaproxyTimes() {}

  /** A time, in milliseconds unless it has a unit; absent if it is none. */
  static Optional<Duration> parse(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Duration time = UnitParser.duration(matcher.group(2) == null ? text + "ms" : text);
    // A part of a millisecond counts as a whole one.
    Duration rounded = time.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
    return Optional.of(within(rounded, Duration.ZERO, LONGEST));
  }

  /** A size in bytes; absent if it is none. */
  static Optional<Long> size(String text) {
    Matcher matcher = SIZE.matcher(text);
    return matcher.matches()
        ? Optional.of(
            Long.parseLong(matcher.group(1))
                << SIZE_UNITS.getOrDefault(matcher.group(2).toLowerCase(Locale.ROOT), 0))
        : Optional.empty();
  }

  /** HAProxy's time within bounds, as a setting has it; absent if it is none. */
  static Optional<String> within(String text, Duration least, Duration most) {
    return parse(text).map(time -> UnitParser.text(within(time, least, most)));
  }

  /** The time within bounds. */
  static Duration within(Duration time, Duration least, Duration most) {
    return time.compareTo(least) < 0 ? least : time.compareTo(most) > 0 ? most : time;
  }
}
