package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.pool.Mode;
import dev.understudy.pool.StickySettings;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;

/** A request's header fields as a server gets them; made anew for each attempt. */
final class ServerHeaders {
  static final AsciiString REQUEST_ID = AsciiString.cached("x-request-id");
  private static final AsciiString EPOCH = AsciiString.cached("understudy-epoch");
  private static final String OUR_PREFIX = "understudy-";
  private static final String HTTP2_PREFIX = "x-http2-";

  private ServerHeaders() {}

  /**
   * Builds them.
   *
   * @throws IllegalArgumentException if a filter put in what can't be a header
   */
  static HttpHeaders build(
      ProxyRequest request,
      PoolState pool,
      ServerState server,
      String requestId,
      TrustedProxies trusted) {
    HttpHeaders from = request.headers();
    HttpHeaders to = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    copy(from, to, pool.pool().sticky());
    if (!to.contains(HttpHeaderNames.HOST)) {
      to.set(HttpHeaderNames.HOST, server.server().address().authority());
    }
    ForwardedHeaders.add(request, trusted, to);
    to.set(REQUEST_ID, requestId);
    if (pool.pool().mode() == Mode.FAILOVER) {
      to.set(EPOCH, Long.toString(pool.epoch()));
    }
    frame(request, from, to);
    connection(request, from, to);
    return to;
  }

  private static void copy(HttpHeaders from, HttpHeaders to, @Nullable StickySettings sticky) {
    List<CharSequence> naming = null;
    Iterator<Entry<CharSequence, CharSequence>> all = from.iteratorCharSequence();
    while (all.hasNext()) {
      Entry<CharSequence, CharSequence> field = all.next();
      CharSequence name = field.getKey();
      if (!isOurs(name)) {
        if (sticky != null && AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.COOKIE)) {
          String rest = StickyCookies.strip(field.getValue().toString(), sticky.cookie());
          if (!rest.isEmpty()) {
            to.add(name, rest);
          }
        } else {
          to.add(name, field.getValue());
        }
      } else if (AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.CONNECTION)
          && !HopByHop.namesNothing(field.getValue())) {
        naming = naming == null ? new ArrayList<>(1) : naming;
        naming.add(field.getValue());
      }
    }
    if (naming != null) {
      naming.forEach(value -> HopByHop.removeNamed(value, to));
    }
  }

  /**
   * The length of the body that a server will be told; negative: it will be chunked.
   *
   * @return {@link Long#MAX_VALUE} if it is none
   */
  static long bodyLength(ProxyRequest request) {
    String length = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length == null || request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return -1;
    }
    try {
      long bytes = Long.parseLong(length);
      return bytes < 0 ? Long.MAX_VALUE : bytes;
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Message framing is ours alone (RFC 9112 §6): never left to what {@code Connection} names. */
  private static void frame(ProxyRequest request, HttpHeaders from, HttpHeaders to) {
    String length = from.get(HttpHeaderNames.CONTENT_LENGTH);
    if (!request.body()) {
      if (length != null || anticipatesContent(request.method())) {
        to.set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
      }
    } else if (length != null && !from.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      to.set(HttpHeaderNames.CONTENT_LENGTH, length);
    } else {
      to.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
  }

  /** RFC 9110 §8.6. */
  private static boolean anticipatesContent(HttpMethod method) {
    return method.equals(HttpMethod.POST)
        || method.equals(HttpMethod.PUT)
        || method.equals(HttpMethod.PATCH);
  }

  private static void connection(ProxyRequest request, HttpHeaders from, HttpHeaders to) {
    if (request.webSocket()) {
      to.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
      to.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    } else if (from.contains(HttpHeaderNames.TE)
        && from.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true)) {
      to.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
      to.set(HttpHeaderNames.CONNECTION, HttpHeaderNames.TE);
    }
  }

  /** Whether a field is never copied: it ends here, or we set it ourselves. */
  static boolean isOurs(CharSequence name) {
    boolean ours =
        switch (name.length()) {
          case 2 -> same(name, "te");
          case 7 -> same(name, "upgrade");
          case 9 -> same(name, "forwarded");
          case 10 -> same(name, "connection") || same(name, "keep-alive");
          case 12 -> same(name, "x-request-id");
          case 14 -> same(name, "content-length") || same(name, "http2-settings");
          case 15 -> same(name, "x-forwarded-for");
          case 16 ->
              same(name, "x-forwarded-host")
                  || same(name, "x-forwarded-port")
                  || same(name, "proxy-connection");
          case 17 -> same(name, "x-forwarded-proto") || same(name, "transfer-encoding");
          case 19 -> same(name, "proxy-authorization");
          default -> false;
        };
    return ours || startsWith(name, OUR_PREFIX) || startsWith(name, HTTP2_PREFIX);
  }

  private static boolean same(CharSequence name, String other) {
    return AsciiString.contentEqualsIgnoreCase(name, other);
  }

  private static boolean startsWith(CharSequence name, String prefix) {
    return name.length() > prefix.length()
        && AsciiString.regionMatches(name, true, 0, prefix, 0, prefix.length());
  }
}
