package dev.understudy.proxy.http;

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
public final class HopByHop {
  static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
  static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

  private HopByHop() {}

  /** Whether a {@code Connection} value nominates no field: by far the usual case. */
  private static boolean isOption(CharSequence connection) {
    return AsciiString.contentEqualsIgnoreCase(connection, "keep-alive")
        || AsciiString.contentEqualsIgnoreCase(connection, "close")
        || AsciiString.contentEqualsIgnoreCase(connection, "upgrade");
  }

  /**
   * Removes from a message that was received, before anybody works on it, the fields that its
   * {@code Connection} nominates, and the nominations: who reads that field later finds none, and
   * can't take away what others have set since.
   *
   * @return the names that were nominated, for the message's trailers; mostly none
   */
  public static List<String> takeNominated(HttpHeaders headers) {
    if (!headers.contains(HttpHeaderNames.CONNECTION)) {
      return List.of();
    }
    List<String> values = headers.getAll(HttpHeaderNames.CONNECTION);
    for (String value : values) {
      if (!isOption(value)) {
        return takeNominated(headers, values);
      }
    }
    return List.of();
  }

  private static List<String> takeNominated(HttpHeaders headers, List<String> values) {
    List<String> options = new ArrayList<>(2);
    List<String> nominated = new ArrayList<>();
    for (String value : values) {
      for (String part : value.split(",", -1)) {
        String name = part.trim();
        if (isOption(name)) {
          options.add(name);
        } else if (!name.isEmpty() && !isProtected(name)) {
          nominated.add(name);
          headers.remove(name);
        }
      }
    }
    headers.remove(HttpHeaderNames.CONNECTION);
    if (!options.isEmpty()) {
      headers.set(HttpHeaderNames.CONNECTION, String.join(", ", options));
    }
    return nominated;
  }

  /**
   * What no sender can nominate: what we set or judge ourselves, what frames or directs the
   * message, what a trusted proxy says of its client, and the expectation that a client goes by.
   */
  private static boolean isProtected(String name) {
    return UpstreamRequestHead.isOurs(name)
        || ForwardedHeaders.isOne(name)
        || AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.HOST)
        || AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.EXPECT);
  }

  /** Removes the trailers that the message's head nominated (RFC 9110 §7.6.1). */
  public static void removeNominated(HttpHeaders trailers, List<String> nominated) {
    if (!trailers.isEmpty()) {
      nominated.forEach(trailers::remove);
    }
  }

  /** Trailers as they go on: no framing, routing or hop-by-hop fields (RFC 9110 §6.5.1). */
  public static HttpHeaders trailers(HttpHeaders trailers) {
    if (trailers.isEmpty()) {
      return EmptyHttpHeaders.INSTANCE;
    }
    HttpHeaders copy =
        DefaultHttpHeadersFactory.trailersFactory().withValidation(false).newHeaders();
    Iterator<Entry<CharSequence, CharSequence>> all = trailers.iteratorCharSequence();
    while (all.hasNext()) {
      Entry<CharSequence, CharSequence> field = all.next();
      CharSequence name = field.getKey();
      if (!UpstreamRequestHead.isOurs(name)
          && !ForwardedHeaders.isOne(name)
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
