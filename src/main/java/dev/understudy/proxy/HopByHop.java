package dev.understudy.proxy;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map.Entry;

/** Header fields that end at an intermediary (RFC 9110 §7.6.1). */
final class HopByHop {
  static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
  static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

  private HopByHop() {}

  /** Whether a {@code Connection} value names no other field: by far the usual case. */
  static boolean namesNothing(CharSequence connection) {
    return AsciiString.contentEqualsIgnoreCase(connection, "keep-alive")
        || AsciiString.contentEqualsIgnoreCase(connection, "close")
        || AsciiString.contentEqualsIgnoreCase(connection, "upgrade");
  }

  /** The {@code Connection} values that name other fields. */
  static List<String> naming(HttpHeaders from) {
    if (!from.contains(HttpHeaderNames.CONNECTION)) {
      return List.of();
    }
    List<String> naming = new ArrayList<>(1);
    for (String value : from.getAll(HttpHeaderNames.CONNECTION)) {
      if (!namesNothing(value)) {
        naming.add(value);
      }
    }
    return naming;
  }

  /** Whether one of those values names that field, which {@code Host} never is. */
  static boolean isNamed(CharSequence field, List<String> naming) {
    if (AsciiString.contentEqualsIgnoreCase(field, HttpHeaderNames.HOST)) {
      return false;
    }
    for (String value : naming) {
      if (isNamed(field, value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isNamed(CharSequence field, String list) {
    int start = 0;
    while (start <= list.length()) {
      int comma = list.indexOf(',', start);
      int end = comma < 0 ? list.length() : comma;
      if (AsciiString.contentEqualsIgnoreCase(list.substring(start, end).trim(), field)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  /** Removes the fields that a {@code Connection} value names, but for {@code Host}. */
  static void removeNamed(CharSequence connection, HttpHeaders from) {
    String list = connection.toString();
    int start = 0;
    while (start <= list.length()) {
      int comma = list.indexOf(',', start);
      int end = comma < 0 ? list.length() : comma;
      String name = list.substring(start, end).trim();
      if (!name.isEmpty() && !name.equalsIgnoreCase("host")) {
        from.remove(name);
      }
      start = end + 1;
    }
  }

  /** Trailers as they go on: no framing, routing or hop-by-hop fields (RFC 9110 §6.5.1). */
  static HttpHeaders trailers(HttpHeaders trailers) {
    if (trailers.isEmpty()) {
      return EmptyHttpHeaders.INSTANCE;
    }
    HttpHeaders copy =
        DefaultHttpHeadersFactory.trailersFactory().withValidation(false).newHeaders();
    Iterator<Entry<CharSequence, CharSequence>> all = trailers.iteratorCharSequence();
    while (all.hasNext()) {
      Entry<CharSequence, CharSequence> field = all.next();
      CharSequence name = field.getKey();
      if (!ServerHeaders.isOurs(name)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.HOST)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.TRAILER)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.COOKIE)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.SET_COOKIE)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.AUTHORIZATION)) {
        copy.add(name, field.getValue());
      }
    }
    return copy;
  }
}
