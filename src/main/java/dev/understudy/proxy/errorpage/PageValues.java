package dev.understudy.proxy.errorpage;

import dev.understudy.pool.ErrorPage.Placeholder;

/**
 * What a page says of one request and its response.
 *
 * @param reason the reason phrase
 * @param requestId {@code X-Request-Id}
 * @param retryAfter seconds, at least 1
 * @param refresh seconds, at least 1
 */
public record PageValues(
    int status, String reason, String requestId, long retryAfter, long refresh) {

  String text(Placeholder placeholder) {
    return switch (placeholder) {
      case REQUEST_ID -> requestId;
      case STATUS -> Integer.toString(status);
      case REASON -> reason;
      case RETRY_AFTER -> Long.toString(retryAfter);
      case REFRESH -> Long.toString(refresh);
    };
  }
}
