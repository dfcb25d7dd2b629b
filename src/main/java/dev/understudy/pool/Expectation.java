package dev.understudy.pool;

import org.jspecify.annotations.Nullable;

/**
 * Conditions of a good response; all that are set must hold (HAProxy {@code http-check expect}).
 *
 * @param status good status codes; default 200-399
 * @param body text that the first 64 KB of the body, read as UTF-8, must contain; null for any body
 * @param bodyRegex expression that must be found in the same text; null for any body
 * @param header a header that must be present; null for none
 */
public record Expectation(
    StatusSet status,
    @Nullable String body,
    @Nullable Regex bodyRegex,
    @Nullable ExpectedHeader header) {
  public static final Expectation DEFAULT =
      new Expectation(StatusSet.parse("200-399"), null, null, null);
}
