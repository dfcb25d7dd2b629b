package dev.understudy.proxy.front;

import dev.understudy.proxy.route.NormalTarget;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request's target in two forms: as it came, which is forwarded, and normalised, on which routes
 * match and filters work.
 */
public final class RequestTarget {
  /** Carries the target as it came, from the socket to the filters; never leaves the process. */
  private static final String ORIGINAL = "understudy-original-target";

  /** Carries a {@code Host} with an empty port, which Reactor Netty cannot read. */
  private static final String ORIGINAL_HOST = "understudy-original-host";

  /** Stands for {@code Expect: 100-continue}, which Reactor Netty would answer by itself. */
  private static final String EXPECTATION = "understudy-expects-continue";

  /** What Netty's HTTP/2 codec adds, and what no client may make a server believe. */
  private static final List<String> INTERNAL_HEADERS =
      List.of(
          ORIGINAL,
          ORIGINAL_HOST,
          EXPECTATION,
          "x-http2-stream-id",
          "x-http2-scheme",
          "x-http2-path",
          "x-http2-stream-promise-id",
          "x-http2-stream-dependency-id",
          "x-http2-stream-weight",
          "x-http2-protocol");

  private RequestTarget() {}

  /**
   * Prepares a request for the Gateway lane, in place.
   *
   * @param origin its target in origin-form
   * @param path the normal form of that target's path
   */
  static void mend(HttpRequest request, String origin, String path) {
    HttpHeaders headers = request.headers();
    for (String name : INTERNAL_HEADERS) {
      headers.remove(name);
    }
    if (HttpUtil.is100ContinueExpected(request)) {
      headers.remove(HttpHeaderNames.EXPECT);
      headers.set(EXPECTATION, "1");
    }
    String host = headers.get(HttpHeaderNames.HOST);
    if (host != null && hasEmptyPort(host)) {
      headers.set(ORIGINAL_HOST, host);
      headers.set(HttpHeaderNames.HOST, host.substring(0, host.length() - 1));
    }
    int question = origin.indexOf('?');
    String normalised = question < 0 ? path : path + NormalTarget.of(origin.substring(question));
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
   * {@code Host} as it came, if that has an empty port, and else null; to be asked once for each
   * request.
   */
  public static @Nullable String takeHost(HttpHeaders headers) {
    String original = headers.get(ORIGINAL_HOST);
    if (original != null) {
      headers.remove(ORIGINAL_HOST);
    }
    return original;
  }

  private static boolean hasEmptyPort(@Nullable String host) {
    return host != null && host.endsWith(":");
  }

  /** An empty port is as none (RFC 3986 §6.2.3): routes match the name alone. */
  static @Nullable String withoutEmptyPort(@Nullable String host) {
    return host != null && hasEmptyPort(host) ? host.substring(0, host.length() - 1) : host;
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
    return NormalTarget.of(question < 0 ? target : target.substring(0, question));
  }
}
