package dev.understudy.pool;

import org.jspecify.annotations.Nullable;

/**
 * What a response must look like to be good; all that is set must hold (HAProxy {@code http-check
 * expect}).
 *
 * @param status codes that are good; default 200-399
 * @param body text that the first 64 KB of the body, read as UTF-8, must contain; null: any body
 * @param bodyRegex expression that must be found in the same text; null: any body
 * @param header a header that must be there; null: none
 */
public record Expectation(
    StatusSet status,
    @Nullable String body,
    @Nullable Regex bodyRegex,
    @Nullable ExpectedHeader header) {
  public static final Expectation DEFAULT =
      new Expectation(StatusSet.parse("200-399"), null, null, null);
}
