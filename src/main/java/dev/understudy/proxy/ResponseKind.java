package dev.understudy.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** What a response's head says of its end. */
enum ResponseKind {
  /** It ends by itself: it has a {@code Content-Length}. */
  SIZED,
  /** It may end, or not: a download of unknown size, a stream of another kind. */
  UNSIZED,
  /** {@code text/event-stream}: it has no end of its own, and its clients connect again. */
  EVENT_STREAM;

  private static final String EVENTS = "text/event-stream";

  /** The kind of a final response; makes nothing of a field that need not be read. */
  static ResponseKind of(HttpHeaders head) {
    if (head.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return SIZED;
    }
    return isEvents(head.get(HttpHeaderNames.CONTENT_TYPE)) ? EVENT_STREAM : UNSIZED;
  }

  /** Whether that is the media type, with or without parameters (RFC 9110 §8.3.1). */
  private static boolean isEvents(@Nullable String type) {
    if (type == null || !type.regionMatches(true, 0, EVENTS, 0, EVENTS.length())) {
      return false;
    }
    if (type.length() == EVENTS.length()) {
      return true;
    }
    char next = type.charAt(EVENTS.length());
    return next == ';' || next == ' ' || next == '\t';
  }
}
