package dev.understudy.config;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with the file, in words for the person who wrote it.
 *
 * @param file as it was named to us
 * @param line from 1; 0: the file as a whole
 * @param column from 1; 0: the file as a whole
 * @param property the path of the key, such as {@code pools.sense.health.fall}; empty: none
 * @param value as written in the file, in quotes where it is text, with placeholders unresolved and
 *     secrets masked; null: there is none to show
 * @param expected what should be there instead, or what is wrong
 */
public record Problem(
    String file, int line, int column, String property, @Nullable String value, String expected) {
  /** As the file reads. */
  public static final Comparator<Problem> BY_PLACE =
      Comparator.comparingInt(Problem::line)
          .thenComparingInt(Problem::column)
          .thenComparing(Problem::property)
          .thenComparing(Problem::expected);

  /**
   * One line whose form is stable: {@code gateway.yaml:12: pools.sense.health.fall: expected a
   * whole number of at least 1, found "three"}.
   */
  @Override
  public String toString() {
    return text("");
  }

  /**
   * The same of what does not keep the file from being used: {@code gateway.yaml:12: warning:
   * routes[1].predicates: never matches: …}.
   */
  public String asWarning() {
    return text("warning: ");
  }

  private String text(String severity) {
    StringBuilder text = new StringBuilder(file);
    if (line > 0) {
      text.append(':').append(line);
    }
    text.append(": ").append(severity);
    if (!property.isEmpty()) {
      text.append(property).append(": ");
    }
    text.append(expected);
    if (value != null) {
      text.append(", found ").append(value);
    }
    return text.toString();
  }
}
