package dev.understudy.proxy.http;

import dev.understudy.pool.StickySettings;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.List;
import java.util.Map.Entry;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the head of an upstream request, anew for each attempt. */
public final class UpstreamRequestHead {
  public static final AsciiString REQUEST_ID = AsciiString.cached("x-request-id");
  private static final String OUR_PREFIX = "understudy-";
  private static final String HTTP2_PREFIX = "x-http2-";
  private static final byte[] EPOCH = HeadWriter.ascii("understudy-epoch: ");
  private static final byte[] NO_CONTENT = HeadWriter.ascii("content-length: 0\r\n");
  private static final byte[] LENGTH = HeadWriter.ascii("content-length: ");
  private static final byte[] CHUNKED = HeadWriter.ascii("transfer-encoding: chunked\r\n");
  private static final byte[] UPGRADE = HeadWriter.ascii("connection: upgrade\r\n");
  private static final byte[] TRAILERS = HeadWriter.ascii("te: trailers\r\nconnection: te\r\n");

  /** Names of fields that are never copied, in addition to names with one of the prefixes above. */
  static final List<AsciiString> OUR_NAMES =
      Stream.concat(
              HopByHop.fields(),
              Stream.of(
                  HttpHeaderNames.PROXY_AUTHORIZATION,
                  HttpHeaderNames.CONTENT_LENGTH,
                  AsciiString.cached("http2-settings"),
                  REQUEST_ID,
                  ForwardedHeaders.FOR,
                  ForwardedHeaders.PROTO,
                  ForwardedHeaders.HOST,
                  ForwardedHeaders.PORT,
                  ForwardedHeaders.FORWARDED))
          .toList();

  /** The names of {@link #OUR_NAMES}, indexed by length. */
  private static final AsciiString[][] BY_LENGTH = byLength(OUR_NAMES);

  private static final AsciiString[] NONE = {};

  private UpstreamRequestHead() {}

  private static AsciiString[][] byLength(List<AsciiString> names) {
    int longest = names.stream().mapToInt(AsciiString::length).max().orElse(0);
    return IntStream.rangeClosed(0, longest)
        .mapToObj(
            length ->
                names.stream().filter(name -> name.length() == length).toArray(AsciiString[]::new))
        .toArray(AsciiString[][]::new);
  }

  private static AsciiString[] ofLength(int length) {
    return length < BY_LENGTH.length ? BY_LENGTH[length] : NONE;
  }

  /**
   * Writes the head without the empty line that ends it.
   *
   * @param epoch {@link PoolState#NO_EPOCH} if the server is not told it
   * @throws IllegalArgumentException if a part is not valid in a request
   */
  public static void write(
      ProxyRequest request,
      PoolState pool,
      ServerState server,
      long epoch,
      String requestId,
      TrustedProxies trusted,
      HeadWriter to) {
    HttpHeaders from = request.headers();
    String host = from.get(HttpHeaderNames.HOST);
    to.begin(request.method(), request.target());
    copy(from, to, ours(pool.pool().settings().sticky()));
    if (host == null) {
      to.field(HttpHeaderNames.HOST, server.server().address().authority());
    }
    ForwardedHeaders.write(request, trusted, host, to);
    to.field(REQUEST_ID, requestId);
    if (epoch != PoolState.NO_EPOCH) {
      to.number(EPOCH, epoch);
    }
    frame(request, from, to);
    connection(request, from, to);
  }

  /** The settings of cookies that are the proxy's, in part at least; null if there are none. */
  private static @Nullable StickySettings ours(@Nullable StickySettings sticky) {
    return sticky != null
            && (sticky.type() == StickySettings.Type.COOKIE
                || sticky.type() == StickySettings.Type.PREFIX)
        ? sticky
        : null;
  }

  private static void copy(HttpHeaders from, HeadWriter to, @Nullable StickySettings sticky) {
    if (sticky == null && from instanceof PlainHeaders plain && plain.isPlain()) {
      copyLines(plain.lines(), to);
      return;
    }
    Iterator<Entry<CharSequence, CharSequence>> all = from.iteratorCharSequence();
    while (all.hasNext()) {
      Entry<CharSequence, CharSequence> field = all.next();
      CharSequence name = field.getKey();
      if (isOurs(name)) {
        continue;
      }
      if (sticky != null && AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.COOKIE)) {
        String cookies = field.getValue().toString();
        String rest =
            sticky.type() == StickySettings.Type.PREFIX
                ? CookiePrefix.strip(cookies, sticky.cookie())
                : CookieHeader.without(cookies, sticky.cookie());
        if (!rest.isEmpty()) {
          to.field(name, rest);
        }
      } else {
        to.field(name, field.getValue());
      }
    }
  }

  private static void copyLines(HeadLines from, HeadWriter to) {
    for (int i = 0; i < from.count(); i++) {
      if (!mayBeOurs(from.nameLength(i), from.initial(i)) || !isOurs(from.name(i))) {
        from.writeTo(to, i);
      }
    }
  }

  /** A cheap test, from the length and the first letter, that spares most names the comparison. */
  private static boolean mayBeOurs(int length, int initial) {
    return initial == OUR_PREFIX.charAt(0)
        || initial == HTTP2_PREFIX.charAt(0)
        || ofLength(length).length > 0;
  }

  /**
   * Returns the length of the upstream request's body in bytes, negative if it is chunked.
   *
   * @return {@link Long#MAX_VALUE} if {@code Content-Length} is not a valid number
   */
  public static long bodyLength(ProxyRequest request) {
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

  /** Writes the message framing, which never is the client's own (RFC 9112 §6). */
  private static void frame(ProxyRequest request, HttpHeaders from, HeadWriter to) {
    String length = from.get(HttpHeaderNames.CONTENT_LENGTH);
    if (!request.body()) {
      if (length != null || anticipatesContent(request.method())) {
        to.raw(NO_CONTENT);
      }
    } else if (length != null && !from.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      // The number is written anew, without forms that others may read differently, such as leading
      // zeros.
      to.number(LENGTH, bodyLength(request));
    } else {
      to.raw(CHUNKED);
    }
  }

  /** Whether the method defines a meaning for content (RFC 9110 §8.6). */
  private static boolean anticipatesContent(HttpMethod method) {
    return method.equals(HttpMethod.POST)
        || method.equals(HttpMethod.PUT)
        || method.equals(HttpMethod.PATCH);
  }

  private static void connection(ProxyRequest request, HttpHeaders from, HeadWriter to) {
    UpgradeOffer upgrade = request.upgrade();
    if (upgrade != null) {
      to.raw(UPGRADE);
      to.field(HttpHeaderNames.UPGRADE, upgrade.value());
    } else if (from.contains(HttpHeaderNames.TE)
        && from.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true)) {
      to.raw(TRAILERS);
    }
  }

  /** Whether a field is never copied: it is hop-by-hop, or set by the proxy itself. */
  static boolean isOurs(CharSequence name) {
    for (AsciiString ours : ofLength(name.length())) {
      if (ours.contentEqualsIgnoreCase(name)) {
        return true;
      }
    }
    return startsWith(name, OUR_PREFIX) || startsWith(name, HTTP2_PREFIX);
  }

  private static boolean startsWith(CharSequence name, String prefix) {
    return name.length() > prefix.length()
        && AsciiString.regionMatches(name, true, 0, prefix, 0, prefix.length());
  }
}
