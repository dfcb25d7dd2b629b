package dev.understudy.pool;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Conditions of a good response; all that are set must hold (HAProxy {@code http-check expect}).
 *
 * @param status good status codes; default 200-399
 * @param body text that the first 64 KB of the body, read as UTF-8, must contain; null for any body
 * @param bodyRegex expression that must be found in the same text; null for any body
 * @param header a header that must be present; null for none
 * @param rules further conditions, in their order
 */
public record Expectation(
    StatusSet status,
    @Nullable String body,
    @Nullable Regex bodyRegex,
    @Nullable ExpectedHeader header,
    List<Rule> rules) {
  /** The set of all status codes. */
  public static final StatusSet ANY_STATUS = StatusSet.parse("100-599");

  public static final Expectation DEFAULT =
      new Expectation(StatusSet.parse("200-399"), null, null, null);

  public Expectation {
    rules = List.copyOf(rules);
  }

  /** Creates an expectation without further conditions. */
  public Expectation(
      StatusSet status,
      @Nullable String body,
      @Nullable Regex bodyRegex,
      @Nullable ExpectedHeader header) {
    this(status, body, bodyRegex, header, List.of());
  }

  /**
   * One or more conditions.
   *
   * @param not whether none of them may hold; else all must
   */
  public record Rule(
      boolean not,
      @Nullable StatusSet status,
      @Nullable String body,
      @Nullable Regex bodyRegex,
      @Nullable ExpectedHeader header) {}
}
