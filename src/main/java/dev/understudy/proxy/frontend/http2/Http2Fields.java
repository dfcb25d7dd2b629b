package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Converts the fields of HTTP/2 to messages of HTTP/1.1 and back (RFC 9113 §8.2 and §8.3). What
 * comes in has been checked by {@link Http2RequestHeaders} and {@link Http2RequestCheck}.
 */
final class Http2Fields {
  /** Fields of an HTTP/1.1 connection, which HTTP/2 does not have (RFC 9113 §8.2.2). */
  private static final Set<AsciiString> OF_CONNECTION =
      Set.of(
          AsciiString.cached("connection"),
          AsciiString.cached("keep-alive"),
          AsciiString.cached("proxy-connection"),
          AsciiString.cached("transfer-encoding"),
          AsciiString.cached("upgrade"),
          AsciiString.cached("te"),
          AsciiString.cached("host"));

  private Http2Fields() {}

  /**
   * Returns a request as one of HTTP/1.1: with {@code Host}, cookies in one field (RFC 9113
   * §8.2.3), and chunked if its body has no known length.
   *
   * @param end whether it has no body; it is a full request then
   */
  static HttpRequest request(Http2Headers from, boolean end) {
    HttpHeaders fields = fields(from);
    CharSequence authority = from.authority();
    if (authority != null) {
      fields.set(HttpHeaderNames.HOST, authority);
    }
    HttpMethod method = HttpMethod.valueOf(Objects.requireNonNull(from.method()).toString());
    String target = Objects.requireNonNull(from.path()).toString();
    if (end) {
      return full(method, target, fields);
    }
    if (!fields.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, fields);
  }

  /**
   * What the head of a request takes in bytes: its fields as objects 128 each, with their names and
   * values, and the target once more. By a heap of 600 requests with 1,000 fields each, and of as
   * many with a target of 7 KB, which the Gateway lane keeps five times.
   */
  static int size(Http2Headers fields) {
    CharSequence target = fields.path();
    int size = 128 * fields.size() + (target == null ? 0 : target.length());
    for (Map.Entry<CharSequence, CharSequence> field : fields) {
      size += field.getKey().length() + field.getValue().length();
    }
    return size;
  }

  /** As {@link #size(Http2Headers)}, of trailers. */
  static int size(HttpHeaders fields) {
    int size = 64 * fields.size();
    Iterator<Map.Entry<CharSequence, CharSequence>> all = fields.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = all.next();
      size += field.getKey().length() + field.getValue().length();
    }
    return size;
  }

  /** Returns a request without a body. */
  static HttpRequest full(HttpMethod method, String target, HttpHeaders fields) {
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        method,
        target,
        Unpooled.EMPTY_BUFFER,
        fields,
        EmptyHttpHeaders.INSTANCE);
  }

  /** Returns the fields of a request's head or trailers, without pseudo-header fields. */
  static HttpHeaders fields(Http2Headers from) {
    HttpHeaders fields =
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    StringBuilder cookies = null;
    for (Map.Entry<CharSequence, CharSequence> field : from) {
      CharSequence name = field.getKey();
      if (name.charAt(0) == ':') {
        continue;
      }
      if (HttpHeaderNames.COOKIE.contentEquals(name)) {
        cookies =
            (cookies == null ? new StringBuilder() : cookies.append("; ")).append(field.getValue());
      } else if (!HttpHeaderNames.TRANSFER_ENCODING.contentEquals(name)
          && !HttpHeaderNames.TRAILER.contentEquals(name)) {
        fields.add(name, field.getValue());
      }
    }
    if (cookies != null) {
      fields.set(HttpHeaderNames.COOKIE, cookies.toString());
    }
    return fields;
  }

  /**
   * Returns a response's head, without the fields of an HTTP/1.1 connection; the engine has removed
   * those that {@code Connection} nominates.
   */
  static Http2Headers response(AsciiString status, HttpHeaders from) {
    return ReadOnlyHttp2Headers.serverHeaders(false, status, lines(from));
  }

  /** Returns a response's trailers. */
  static Http2Headers trailers(HttpHeaders from) {
    return ReadOnlyHttp2Headers.trailers(false, lines(from));
  }

  /** Names in small letters and values, in turn. */
  private static AsciiString[] lines(HttpHeaders from) {
    List<AsciiString> lines = new ArrayList<>(2 * from.size());
    Iterator<Map.Entry<CharSequence, CharSequence>> all = from.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = all.next();
      AsciiString name = AsciiString.of(field.getKey()).toLowerCase();
      if (!OF_CONNECTION.contains(name)) {
        lines.add(name);
        lines.add(AsciiString.of(field.getValue()));
      }
    }
    return lines.toArray(AsciiString[]::new);
  }
}
