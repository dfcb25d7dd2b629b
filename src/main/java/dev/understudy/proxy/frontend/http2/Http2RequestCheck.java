package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.frontend.RequestSyntax;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpScheme;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Checks a request's head where Netty does not (RFC 9113 §8.3.1).
 *
 * <ul>
 *   <li>The method is a token, the scheme {@code http} or {@code https}.
 *   <li>The path begins with a slash, or is the asterisk of {@code OPTIONS}; an authority in it
 *       would replace the request's own.
 *   <li>The authority has no user information, and a {@code Host} beside it is equal.
 * </ul>
 */
final class Http2RequestCheck {
  private static final AsciiString PROTOCOL =
      AsciiString.cached(Http2Headers.PseudoHeaderName.PROTOCOL.value().toString());

  /** What becomes of a request. */
  enum Verdict {
    GOOD,

    /** Extended CONNECT (RFC 8441): the handshake of a WebSocket, now with the method GET. */
    WEB_SOCKET,

    /** Malformed: the stream is reset (RFC 9113 §8.1.1). */
    MALFORMED,

    /** {@code CONNECT}, which has no path: 405. */
    CONNECT,

    /** Extended CONNECT for another protocol than {@code websocket}: 501. */
    OTHER_PROTOCOL
  }

  private Http2RequestCheck() {}

  /**
   * Judges a head. Removes the protocol of an extended CONNECT, and a {@code Host} that says what
   * the authority says.
   *
   * @param end whether the head ends the request
   */
  static Verdict check(Http2Headers headers, boolean end) {
    CharSequence method = headers.method();
    CharSequence protocol = headers.get(PROTOCOL);
    Verdict good = Verdict.GOOD;
    if (method != null && "CONNECT".contentEquals(method)) {
      if (protocol == null) {
        return Verdict.CONNECT;
      }
      if (!end) {
        if (!HttpHeaderValues.WEBSOCKET.contentEqualsIgnoreCase(protocol)) {
          return Verdict.OTHER_PROTOCOL;
        }
        headers.remove(PROTOCOL);
        headers.method(HttpMethod.GET.asciiName());
        protocol = null;
        good = Verdict.WEB_SOCKET;
      }
    }
    return protocol == null && isGood(headers) ? good : Verdict.MALFORMED;
  }

  private static boolean isGood(Http2Headers headers) {
    CharSequence method = headers.method();
    return method != null
        && !method.isEmpty()
        && HttpHeaderValidationUtil.validateToken(method) == -1
        && isScheme(headers.scheme())
        && isPath(headers.path(), method)
        && isAuthority(headers);
  }

  private static boolean isScheme(@Nullable CharSequence scheme) {
    return scheme != null
        && (HttpScheme.HTTPS.name().contentEqualsIgnoreCase(scheme)
            || HttpScheme.HTTP.name().contentEqualsIgnoreCase(scheme));
  }

  /**
   * Whether the path is visible ASCII of an allowed form; {@link RequestSyntax} checks the rest.
   */
  private static boolean isPath(@Nullable CharSequence path, CharSequence method) {
    if (path == null || path.isEmpty()) {
      return false;
    }
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) <= ' ' || path.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return path.charAt(0) == '/'
        || (path.length() == 1 && path.charAt(0) == '*' && "OPTIONS".contentEquals(method));
  }

  /**
   * Whether the authority is consistent with {@code Host}, which is then removed; {@link
   * RequestSyntax} checks its form.
   */
  private static boolean isAuthority(Http2Headers headers) {
    CharSequence authority = headers.authority();
    if (authority == null) {
      return true;
    }
    CharSequence host = headers.get(HttpHeaderNames.HOST);
    if (host != null) {
      if (!AsciiString.contentEqualsIgnoreCase(host, authority)
          || headers.getAll(HttpHeaderNames.HOST).size() > 1) {
        return false;
      }
      headers.remove(HttpHeaderNames.HOST);
    }
    return AsciiString.indexOf(authority, '@', 0) < 0;
  }
}
