package dev.understudy.config;

import dev.understudy.text.Suggestions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names of request methods, and the warnings about unusual ones. */
final class HttpMethods {
  /** Methods that the Gateway's predicate {@code Method} can match; it compares by identity. */
  private static final List<String> MATCHED =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

  /** IANA's HTTP Method Registry, as of 2025, and {@code PURGE}, which caches commonly use. */
  private static final List<String> REGISTERED =
      List.of(
          """
          GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT ACL BASELINE-CONTROL BIND
          CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL
          MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PRI PROPFIND PROPPATCH PURGE QUERY
          REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF
          VERSION-CONTROL\
          """
              .split("\\s+", -1));

  private HttpMethods() {}

  /** The warning about a method to be sent or replayed; null if it is well known. */
  static @Nullable String unknown(String method) {
    if (REGISTERED.contains(method)) {
      return null;
    }
    String nearest = Suggestions.nearest(method, REGISTERED);
    return "not a registered HTTP method"
        + (nearest == null ? "" : ", did you mean " + ProblemValue.quote(nearest) + "?");
  }

  /** The warning about a method in a predicate; null if it can match. */
  static @Nullable String unmatched(String method) {
    if (MATCHED.contains(method)) {
      return null;
    }
    String unknown = unknown(method);
    return unknown == null
        ? "never matches: the predicate Method knows only " + String.join(", ", MATCHED)
        : unknown;
  }
}
