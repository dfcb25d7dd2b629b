package dev.understudy.pool;

import org.jspecify.annotations.Nullable;

/**
 * An operator's templates for the error responses of one status. Text in braces that is the word of
 * a {@link Placeholder}, such as <code>{request-id}</code>, stands for its value; all other text is
 * literal.
 *
 * @param html sent to clients that accept {@code text/html}; null for none of the operator's
 * @param json sent to all others, an object; null for none of the operator's
 */
public record ErrorPage(@Nullable String html, @Nullable String json) {
  /** What a template may contain of the request and its response. */
  public enum Placeholder {
    /** {@code X-Request-Id} of the response. */
    REQUEST_ID("request-id"),
    /** The status, such as 503. */
    STATUS("status"),
    /** The reason phrase, such as "Service Unavailable". */
    REASON("reason"),
    /** {@code Retry-After} in seconds, at least 1; 5 if nothing is known. */
    RETRY_AFTER("retry-after"),
    /** Seconds until the page is loaded again: {@link #RETRY_AFTER} and a random part. */
    REFRESH("refresh");

    private final String text;

    Placeholder(String word) {
      this.text = "{" + word + "}";
    }

    /** The placeholder as it is written, in braces. */
    public String text() {
      return text;
    }
  }

  /** This page, completed with the templates of another one where it has none. */
  public ErrorPage or(@Nullable ErrorPage other) {
    if (other == null || (html != null && json != null)) {
      return this;
    }
    return new ErrorPage(html == null ? other.html : html, json == null ? other.json : json);
  }
}
