package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** What a response's head says of its end. */
public enum ResponseKind {
  /**
   * It ends by itself, as far as can be told: it has a {@code Content-Length} or a {@code
   * Content-Disposition}, or its media type is that of no stream.
   */
  DOWNLOAD,
  /** It may have no end: its media type is one of records or parts that come as they happen. */
  STREAM,
  /** {@code text/event-stream}: it has no end of its own, and its clients connect again. */
  EVENT_STREAM;

  private static final String EVENTS = "text/event-stream";

  private static final String[] STREAMS = {
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/stream+json",
    "application/json-seq",
    "multipart/x-mixed-replace"
  };

  /** The kind of a final response; makes nothing of a field that need not be read. */
  public static ResponseKind of(HttpHeaders head) {
    if (head.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return DOWNLOAD;
    }
    String type = head.get(HttpHeaderNames.CONTENT_TYPE);
    if (isType(EVENTS, type)) {
      return EVENT_STREAM;
    }
    return isStream(type) && !head.contains(HttpHeaderNames.CONTENT_DISPOSITION)
        ? STREAM
        : DOWNLOAD;
  }

  private static boolean isStream(@Nullable String type) {
    for (String each : STREAMS) {
      if (isType(each, type)) {
        return true;
      }
    }
    return false;
  }

  /** Whether that is the media type, with or without parameters (RFC 9110 §8.3.1). */
  private static boolean isType(String wanted, @Nullable String type) {
    if (type == null || !type.regionMatches(true, 0, wanted, 0, wanted.length())) {
      return false;
    }
    if (type.length() == wanted.length()) {
      return true;
    }
    char next = type.charAt(wanted.length());
    return next == ';' || next == ' ' || next == '\t';
  }
}
