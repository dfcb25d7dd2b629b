package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** The way a response is expected to end, judged by its head. */
public enum ResponseKind {
  /**
   * Ends by itself, as far as known: has a {@code Content-Length} or a {@code Content-Disposition},
   * or a media type that is not a stream's.
   */
  DOWNLOAD,
  /** May never end: the media type is one of records or parts that are sent as they occur. */
  STREAM,
  /** {@code text/event-stream}: never ends by itself, and its clients reconnect. */
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

  /** Returns the kind of a final response; reads only the fields that decide it. */
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

  /** Whether the value is the wanted media type, with or without parameters (RFC 9110 §8.3.1). */
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
