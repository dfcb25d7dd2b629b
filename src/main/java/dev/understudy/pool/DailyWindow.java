package dev.understudy.pool;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;

/**
 * A part of each day, written as {@code 02:00-04:00}: from the first time, up to but without the
 * second. It lasts over midnight if the second is the earlier one.
 */
public final class DailyWindow {
  /** The form in words that follow "expected". */
  public static final String EXPECTED = "two different times of the day, such as 02:00-04:00";

  private final LocalTime from;
  private final LocalTime to;

  private DailyWindow(LocalTime from, LocalTime to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Parses the written form.
   *
   * @throws IllegalArgumentException if it is malformed, or both times are the same
   */
  public static DailyWindow parse(String text) {
    try {
      if (TextFormat.DAILY.fits(text)) {
        LocalTime from = LocalTime.parse(text.substring(0, 5));
        LocalTime to = LocalTime.parse(text.substring(6));
        if (!from.equals(to)) {
          return new DailyWindow(from, to);
        }
      }
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("expected " + EXPECTED, e);
    }
    throw new IllegalArgumentException("expected " + EXPECTED);
  }

  /** Whether {@code now} is in it, by the clocks of {@code zone}. */
  public boolean contains(Instant now, ZoneId zone) {
    LocalTime time = LocalTime.ofInstant(now, zone);
    boolean begun = !time.isBefore(from);
    boolean over = !time.isBefore(to);
    return from.isBefore(to) ? begun && !over : begun || !over;
  }

  /**
   * When it next contains the time: {@code now} if it does already. Where clocks are put forward
   * over its begin, the time by which they would have shown it.
   */
  public Instant next(Instant now, ZoneId zone) {
    if (contains(now, zone)) {
      return now;
    }
    ZonedDateTime today = now.atZone(zone);
    Instant opening = today.toLocalDate().atTime(from).atZone(zone).toInstant();
    return opening.isAfter(now)
        ? opening
        : today.toLocalDate().plusDays(1).atTime(from).atZone(zone).toInstant();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DailyWindow that && from.equals(that.from) && to.equals(that.to);
  }

  @Override
  public int hashCode() {
    return 31 * from.hashCode() + to.hashCode();
  }

  @Override
  public String toString() {
    return from + "-" + to;
  }
}
