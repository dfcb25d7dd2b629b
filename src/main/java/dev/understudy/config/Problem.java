package dev.understudy.config;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One problem of the file, in words for its author.
 *
 * @param file the file's path as given
 * @param line counts from 1; 0 for the file as a whole
 * @param column counts from 1; 0 for the file as a whole
 * @param property the path of the key, such as {@code pools.sense.health.fall}; empty if there is
 *     none
 * @param value the value as written in the file, text in quotes, with placeholders unresolved and
 *     secrets masked; null if there is none to show
 * @param expected the expectation, or a description of the problem
 */
public record Problem(
    String file, int line, int column, String property, @Nullable String value, String expected) {
  /** The order of the problems' positions in the file. */
  public static final Comparator<Problem> BY_PLACE =
      Comparator.comparingInt(Problem::line)
          .thenComparingInt(Problem::column)
          .thenComparing(Problem::property)
          .thenComparing(Problem::expected);

  /**
   * Formats the problem as one line, whose form is stable: {@code gateway.yaml:12:
   * pools.sense.health.fall: expected a whole number of at least 1, found "three"}.
   */
  @Override
  public String toString() {
    return text("");
  }

  /**
   * Formats a problem that does not invalidate the file: {@code gateway.yaml:12: warning:
   * routes[1].predicates: never matches: …}.
   */
  public String asWarning() {
    return text("warning: ");
  }

  /** The expectation, or the description of the problem, and the value if there is one to show. */
  public String message() {
    return value == null ? expected : expected + ", found " + value;
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
    return text.append(message()).toString();
  }
}
