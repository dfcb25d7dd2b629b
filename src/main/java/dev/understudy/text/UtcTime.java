package dev.understudy.text;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats times in UTC for people. */
public final class UtcTime {
  private static final DateTimeFormatter CLOCK = pattern("HH:mm:ss 'UTC'");
  private static final DateTimeFormatter DATED = pattern("uuuu-MM-dd HH:mm:ss 'UTC'");
  private static final DateTimeFormatter MILLIS = pattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");

  private UtcTime() {}

  private static DateTimeFormatter pattern(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
  }

  /** The time of day: {@code 18:00:01 UTC}. */
  public static String clock(Instant time) {
    return CLOCK.format(time);
  }

  /** A time to come: the time of day, with the date if it is a day or more ahead. */
  public static String ahead(Instant time, Instant now) {
    return (time.isBefore(now.plus(Duration.ofDays(1))) ? CLOCK : DATED).format(time);
  }

  /** To the millisecond, always with three digits, so that lines are aligned. */
  public static String millis(Instant time) {
    return MILLIS.format(time);
  }
}
