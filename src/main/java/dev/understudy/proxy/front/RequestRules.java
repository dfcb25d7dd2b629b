package dev.understudy.proxy.front;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.NetUtil;
import java.util.Iterator;

/**
 * What Netty lets pass and we answer with 400, because two readers could understand it differently:
 * a route or filter here, and the server behind us. {@code http1.RequestCodec} refuses what can
 * only be seen in the bytes.
 *
 * <ul>
 *   <li>No {@code Host}, or more than one, or one that is none, an empty one too (RFC 9112 §3.2;
 *       RFC 9110 §4.2.1); HTTP/1.0 needs none.
 *   <li>A target of none of the four forms (RFC 9112 §3.2.1 to §3.2.4), or with a fragment, or with
 *       bytes that are no visible ASCII (as HAProxy). What a browser sends although RFC 3986 does
 *       not allow it passes: <code>"&lt;&gt;\^`{|}</code> and a stray {@code %}.
 *   <li>A {@code Transfer-Encoding} other than {@code chunked}, as the coding would be lost on the
 *       way (RFC 9112 §6.1); the codec has refused one beside a {@code Content-Length}.
 *   <li>A version other than 1.1 and 1.0; {@code http1.RequestCodec} takes a later 1.x for 1.1 (RFC
 *       9110 §2.5), {@link RequestAdmission} answers another major version with 505.
 * </ul>
 *
 * <p>A target in absolute-form is turned into the origin-form of the same, and its authority
 * replaces what {@code Host} said (RFC 9112 §3.2.2).
 */
public final class RequestRules {
  /** Letters, digits and the rest of RFC 3986 §3.2.2, without user information; by character. */
  private static final boolean[] HOST = table("-._~%!$&'()*+,;=");

  private RequestRules() {}

  /** Reactor Netty answers with 400 if this is thrown where a request is first looked at. */
  public static final class Malformed extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public Malformed(String what) {
      super(what);
    }

    /** For each request of whoever sends rubbish; who throws it is known. */
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  /**
   * Passes what is in order.
   *
   * @throws Malformed if it is not
   */
  static void require(HttpRequest request) {
    HttpHeaders headers = request.headers();
    HttpVersion version = request.protocolVersion();
    boolean modern = version.equals(HttpVersion.HTTP_1_1);
    if (!modern && !version.equals(HttpVersion.HTTP_1_0)) {
      throw new Malformed("a version that we do not speak");
    }
    Iterator<? extends CharSequence> hosts =
        headers.valueCharSequenceIterator(HttpHeaderNames.HOST);
    if (hosts.hasNext()) {
      requireHost(hosts.next());
      if (hosts.hasNext()) {
        throw new Malformed("more than one Host");
      }
    } else if (modern) {
      throw new Malformed("no Host");
    }
    requireCoding(headers.valueCharSequenceIterator(HttpHeaderNames.TRANSFER_ENCODING));
    requireTarget(request);
  }

  /** How long its request line is, or would be (RFC 9112 §3): three words with a space between. */
  public static int lineLength(HttpRequest request) {
    return request.method().name().length()
        + request.uri().length()
        + request.protocolVersion().text().length()
        + 2;
  }

  private static void requireCoding(Iterator<? extends CharSequence> codings) {
    if (codings.hasNext()
        && (!HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.next())
            || codings.hasNext())) {
      throw new Malformed("a transfer coding that we do not know, or more than one");
    }
  }

  /**
   * {@code uri-host [ ":" port ]}, its characters and no more: names are for routes to know. A port
   * is a number, or empty (RFC 3986 §3.2.3).
   */
  private static void requireHost(CharSequence host) {
    int length = host.length();
    int i = length > 0 && host.charAt(0) == '[' ? literalEnd(host) : nameEnd(host);
    boolean good = i > 0 && (i == length || host.charAt(i) == ':');
    int port = 0;
    for (i++; i < length; i++) {
      int digit = host.charAt(i) - '0';
      port = port * 10 + digit;
      good &= digit >= 0 && digit <= 9 && port <= 65_535;
    }
    if (!good) {
      throw new Malformed("not a Host");
    }
  }

  private static int nameEnd(CharSequence host) {
    int i = 0;
    while (i < host.length() && host.charAt(i) < 128 && HOST[host.charAt(i)]) {
      i++;
    }
    return i;
  }

  /**
   * Past the bracket; 0 if it is not closed, or encloses no IPv6 address, which the express lane
   * would forward and Reactor Netty refuse without a word. IPvFuture, which nobody has defined (RFC
   * 3986 §3.2.2), is refused too.
   */
  private static int literalEnd(CharSequence host) {
    for (int i = 1; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c == ']') {
        return NetUtil.isValidIpV6Address(host.subSequence(1, i)) ? i + 1 : 0;
      }
      if (c != ':' && (c >= 128 || !HOST[c])) {
        return 0;
      }
    }
    return 0;
  }

  private static void requireTarget(HttpRequest request) {
    String target = request.uri();
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        throw new Malformed("not a request target");
      }
    }
    if (target.startsWith("/")) {
      return;
    }
    HttpMethod method = request.method();
    if (HttpMethod.CONNECT.equals(method)) {
      requireHost(target);
    } else if (!target.equals("*") || !HttpMethod.OPTIONS.equals(method)) {
      toOriginForm(request, target);
    }
  }

  private static void toOriginForm(HttpRequest request, String target) {
    int start = 0;
    if (target.regionMatches(true, 0, "http://", 0, 7)) {
      start = 7;
    } else if (target.regionMatches(true, 0, "https://", 0, 8)) {
      start = 8;
    } else {
      throw new Malformed("not a request target");
    }
    int end = start;
    while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
      end++;
    }
    String authority = target.substring(start, end);
    requireHost(authority);
    request.headers().set(HttpHeaderNames.HOST, authority);
    if (end < target.length()) {
      request.setUri(
          target.charAt(end) == '/' ? target.substring(end) : "/" + target.substring(end));
    } else {
      // RFC 9112 §3.2.4
      request.setUri(HttpMethod.OPTIONS.equals(request.method()) ? "*" : "/");
    }
  }

  private static boolean[] table(String more) {
    boolean[] table = new boolean[128];
    for (char c = 0; c < 128; c++) {
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      table[c] = letter || (c >= '0' && c <= '9') || more.indexOf(c) >= 0;
    }
    return table;
  }
}
