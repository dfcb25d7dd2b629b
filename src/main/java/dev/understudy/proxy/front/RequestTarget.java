package dev.understudy.proxy.front;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.List;

/**
 * A request's target in two forms: as it came, which is forwarded, and normalised, on which routes
 * match and filters work.
 *
 * <p>The normalised form is what {@code java.net.URI} can hold: unreserved characters are decoded
 * (RFC 3986 §6.2.2.2), hexadecimal digits are capitals, dot segments are gone (§5.2.4), what may
 * not stand in a URI is percent-encoded, a {@code %} that starts no escape is {@code %25}. Browsers
 * send such targets; without this they would be answered with 400 before any filter.
 */
public final class RequestTarget {
  /** Carries the target as it came, from the socket to the filters; never leaves the process. */
  private static final String ORIGINAL = "understudy-original-target";

  /** Stands for {@code Expect: 100-continue}, which Reactor Netty would answer by itself. */
  private static final String EXPECTATION = "understudy-expects-continue";

  /** What Netty's HTTP/2 codec adds, and what no client may make a server believe. */
  private static final List<String> INTERNAL_HEADERS =
      List.of(
          ORIGINAL,
          EXPECTATION,
          "x-http2-stream-id",
          "x-http2-scheme",
          "x-http2-path",
          "x-http2-stream-promise-id",
          "x-http2-stream-dependency-id",
          "x-http2-stream-weight");

  private static final String HEX = "0123456789ABCDEF";
  private static final String PATH_EXTRA = "!$&'()*+,;=:@/";
  private static final String QUERY_EXTRA = PATH_EXTRA + "?";

  private RequestTarget() {}

  /** Prepares a request for the Gateway lane, in place. */
  public static void mend(HttpRequest request) {
    HttpHeaders headers = request.headers();
    for (String name : INTERNAL_HEADERS) {
      headers.remove(name);
    }
    if (HttpUtil.is100ContinueExpected(request)) {
      headers.remove(HttpHeaderNames.EXPECT);
      headers.set(EXPECTATION, "1");
    }
    String origin = originForm(request.uri());
    String normalised = normalise(origin);
    if (!normalised.equals(request.uri())) {
      headers.set(ORIGINAL, origin);
      request.setUri(normalised);
    }
  }

  /**
   * The target as it came, in origin-form (RFC 9112 §3.2.1); to be asked once for each request.
   *
   * @param uri of the same request
   */
  public static String takeOriginal(HttpHeaders headers, String uri) {
    String original = headers.get(ORIGINAL);
    if (original == null) {
      return uri;
    }
    headers.remove(ORIGINAL);
    return original;
  }

  /**
   * Whether the client waits for "100 Continue" (RFC 9110 §10.1.1); to be asked once for each
   * request. Nobody answers it but who asked.
   */
  public static boolean takeExpectation(HttpHeaders headers) {
    boolean expects = headers.contains(EXPECTATION);
    if (expects) {
      headers.remove(EXPECTATION);
    }
    return expects;
  }

  /** Without scheme and authority, which a client may send to a proxy (RFC 9112 §3.2.2). */
  static String originForm(String target) {
    int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
    if (scheme <= 0) {
      return target;
    }
    int end = scheme + 3;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    String rest = target.substring(end);
    return rest.startsWith("/") ? rest : "/" + rest;
  }

  /** The path on which routes match; of a target in origin-form. */
  static String normalisedPath(String target) {
    int question = target.indexOf('?');
    return normalise(question < 0 ? target : target.substring(0, question));
  }

  /** The form on which routes match; of a target in origin-form. */
  public static String normalise(String target) {
    if (isNormal(target)) {
      return target;
    }
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    StringBuilder result = new StringBuilder(target.length() + 16);
    encode(path, PATH_EXTRA, true, result);
    String decoded = result.toString();
    result.setLength(0);
    result.append(withoutDotSegments(decoded));
    if (question >= 0) {
      encode(target.substring(question + 1), QUERY_EXTRA, false, result.append('?'));
    }
    return result.toString();
  }

  /** The common case, without a copy. */
  private static boolean isNormal(String target) {
    boolean path = true;
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c == '?') {
        path = false;
      } else if (c == '%' && (path || !isEscape(target, i))) {
        return false;
      } else if (c == '.' && path && i > 0 && target.charAt(i - 1) == '/') {
        return false;
      } else if (c != '%' && !isUnreserved(c) && PATH_EXTRA.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static void encode(String part, String extra, boolean decode, StringBuilder to) {
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (c == '%' && isEscape(part, i)) {
        char value = (char) Integer.parseInt(part, i + 1, i + 3, 16);
        if (decode && isUnreserved(value)) {
          to.append(value);
        } else {
          escape(value, to);
        }
        i += 2;
      } else if (isUnreserved(c) || extra.indexOf(c) >= 0) {
        to.append(c);
      } else {
        escape(c, to);
      }
    }
  }

  private static void escape(char c, StringBuilder to) {
    to.append('%').append(HEX.charAt((c >> 4) & 0xf)).append(HEX.charAt(c & 0xf));
  }

  private static boolean isEscape(String text, int percent) {
    return percent + 2 < text.length()
        && Character.digit(text.charAt(percent + 1), 16) >= 0
        && Character.digit(text.charAt(percent + 2), 16) >= 0;
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  private static String withoutDotSegments(String path) {
    if (!path.startsWith("/") || !path.contains("/.")) {
      return path;
    }
    StringBuilder result = new StringBuilder(path.length());
    int start = 0;
    while (start < path.length()) {
      int slash = path.indexOf('/', start + 1);
      int end = slash < 0 ? path.length() : slash;
      String segment = path.substring(start + 1, end);
      if (segment.equals("..")) {
        result.setLength(Math.max(result.lastIndexOf("/"), 0));
      } else if (!segment.equals(".")) {
        result.append(path, start, end);
      }
      if (slash < 0 && (segment.equals(".") || segment.equals(".."))) {
        result.append('/');
      }
      start = end;
    }
    return result.isEmpty() ? "/" : result.toString();
  }
}
