package dev.understudy.proxy.frontend;

import dev.understudy.proxy.http.HttpToken;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.NetUtil;
import java.util.Iterator;

/**
 * Refuses with 400 requests that Netty accepts but that two readers could understand differently: a
 * route or filter here, and the server. {@code http1.RequestDecoder} refuses faults that only the
 * bytes show.
 *
 * <ul>
 *   <li>No {@code Host}, more than one, a malformed one or an empty one (RFC 9112 §3.2; RFC 9110
 *       §4.2.1); HTTP/1.0 needs none.
 *   <li>A target in none of the four forms (RFC 9112 §3.2.1 to §3.2.4), with a fragment, or with
 *       bytes other than visible ASCII (as in HAProxy). Characters that browsers send although RFC
 *       3986 forbids them pass: <code>"&lt;&gt;\^`{|}</code> and a stray {@code %}.
 *   <li>A {@code Transfer-Encoding} other than {@code chunked}, as the coding would be lost
 *       upstream (RFC 9112 §6.1); the codec has refused one beside a {@code Content-Length}.
 *   <li>A version other than 1.1 and 1.0; {@code http1.RequestDecoder} treats a later 1.x as 1.1
 *       (RFC 9110 §2.5), {@link RequestAdmission} refuses another major version with 505.
 * </ul>
 *
 * <p>A target in absolute-form is converted to origin-form, and its authority replaces {@code Host}
 * (RFC 9112 §3.2.2).
 */
public final class RequestSyntax {
  /** The characters of a host without user information (RFC 3986 §3.2.2), indexed by character. */
  private static final boolean[] HOST = table("-._~%!$&'()*+,;=");

  private RequestSyntax() {}

  /** Signals a malformed request. */
  public static final class Malformed extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public Malformed(String what) {
      super(what);
    }

    /** Fills in no stack trace: a misbehaving client may cause many, and the origin is known. */
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  /**
   * Checks the request; converts a target in absolute-form to origin-form and removes the final dot
   * of a full host name, in place.
   *
   * @throws Malformed if the request breaks a rule
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
      CharSequence host = hosts.next();
      requireHost(host);
      if (hosts.hasNext()) {
        throw new Malformed("more than one Host");
      }
      int dot = finalDot(host);
      if (dot >= 0) {
        headers.set(HttpHeaderNames.HOST, withoutCharAt(host, dot));
      }
    } else if (modern) {
      throw new Malformed("no Host");
    }
    requireCoding(headers.valueCharSequenceIterator(HttpHeaderNames.TRANSFER_ENCODING));
    requireTarget(request);
  }

  /** The length of the request line in bytes, actual or notional: three words and two spaces. */
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
   * Checks the characters of {@code uri-host [ ":" port ]}, not whether the name exists. The port
   * is a number up to 65535, or empty (RFC 3986 §3.2.3).
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

  /**
   * Returns the index after the name. RFC 3986 §3.2.2 permits {@code %} and empty labels, but here
   * a name has neither: a server that decodes or drops them would see another host than a guard.
   */
  private static int nameEnd(CharSequence host) {
    int i = 0;
    char before = 0;
    while (i < host.length()) {
      char c = host.charAt(i);
      if (c >= 128 || !HOST[c] || c == '%' || (c == '.' && before == '.')) {
        return i;
      }
      before = c;
      i++;
    }
    return i;
  }

  /**
   * Returns the index after the closing bracket; 0 if there is none, or if it encloses no IPv6
   * address, which one lane would forward and the other one refuse. IPvFuture, of which no version
   * is defined (RFC 3986 §3.2.2), is refused too.
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
    int dot = finalDot(authority);
    request
        .headers()
        .set(HttpHeaderNames.HOST, dot < 0 ? authority : withoutCharAt(authority, dot));
    if (end < target.length()) {
      request.setUri(
          target.charAt(end) == '/' ? target.substring(end) : "/" + target.substring(end));
    } else {
      // RFC 9112 §3.2.4
      request.setUri(HttpMethod.OPTIONS.equals(request.method()) ? "*" : "/");
    }
  }

  /**
   * The index of the dot that ends a full name (RFC 3986 §3.2.2), before the port if there is one;
   * -1 if there is none. It names no other host, and is removed, as by Envoy's {@code
   * strip_trailing_host_dot}.
   */
  private static int finalDot(CharSequence host) {
    int end = host.length();
    while (end > 0 && Character.isDigit(host.charAt(end - 1))) {
      end--;
    }
    end = end > 0 && host.charAt(end - 1) == ':' ? end - 1 : host.length();
    return end > 1 && host.charAt(end - 1) == '.' ? end - 1 : -1;
  }

  private static String withoutCharAt(CharSequence text, int index) {
    return new StringBuilder(text).deleteCharAt(index).toString();
  }

  private static boolean[] table(String more) {
    boolean[] table = new boolean[128];
    for (char c = 0; c < 128; c++) {
      table[c] = HttpToken.isLetterOrDigit(c) || more.indexOf(c) >= 0;
    }
    return table;
  }
}
