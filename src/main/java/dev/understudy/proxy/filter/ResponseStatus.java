package dev.understudy.proxy.filter;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What filters may set as the status of a response. */
final class ResponseStatus {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private ResponseStatus() {}

  /** Returns the status of a redirect; null is one that is missing. */
  static int requireRedirect(@Nullable Integer status) {
    if (status == null || !REDIRECTS.contains(status)) {
      throw new IllegalArgumentException(
          "status: expected 301, 302, 303, 307 or 308, found "
              + (status == null ? "nothing" : status));
    }
    return status;
  }

  /** Requires a status of at least this, and at most 599. */
  static void require(int status, int least) {
    if (status < least || status > 599) {
      throw new IllegalArgumentException("status: expected " + least + " to 599, found " + status);
    }
  }
}
