package dev.understudy.proxy.front;

import dev.understudy.proxy.route.NormalTarget;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request's target in two forms: as received, to be forwarded, and normalised, for routes. */
public final class RequestTarget {
  /**
   * Carries the target in origin-form, not normalised, to the filters; never leaves the process.
   */
  private static final String ORIGINAL = "understudy-original-target";

  /** Carries the target in the form in which the client sent it, if that was not origin-form. */
  private static final String CLIENTS = "understudy-client-target";

  /** Carries a {@code Host} with an empty port, which Reactor Netty cannot parse. */
  private static final String ORIGINAL_HOST = "understudy-original-host";

  /** Replaces {@code Expect: 100-continue}, to which Reactor Netty would respond by itself. */
  private static final String EXPECTATION = "understudy-expects-continue";

  /** Names removed from every Gateway request: those above, and those of Netty's HTTP/2 codec. */
  private static final List<String> INTERNAL_HEADERS =
      List.of(
          ORIGINAL,
          CLIENTS,
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
   * @param client the target in the form in which the client sent it
   * @param origin the target in origin-form
   * @param path the normalised path of {@code origin}
   */
  static void mend(HttpRequest request, String client, String origin, String path) {
    HttpHeaders headers = request.headers();
    for (String name : INTERNAL_HEADERS) {
      headers.remove(name);
    }
    if (HttpUtil.is100ContinueExpected(request)) {
      headers.remove(HttpHeaderNames.EXPECT);
      headers.set(EXPECTATION, "1");
    }
    if (!client.equals(origin)) {
      headers.set(CLIENTS, client);
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
   * Returns and removes the target in origin-form as received (RFC 9112 §3.2.1). Call once per
   * request.
   *
   * @param uri the uri of the same request
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
   * Returns and removes the target in the form in which the client sent it. Call once per request.
   *
   * @param origin the target in origin-form
   */
  public static String takeClients(HttpHeaders headers, String origin) {
    String clients = headers.get(CLIENTS);
    if (clients == null) {
      return origin;
    }
    headers.remove(CLIENTS);
    return clients;
  }

  /**
   * Returns and removes the received {@code Host} if it has an empty port, else returns null. Call
   * once per request.
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

  /** Removes an empty port, which equals none (RFC 3986 §6.2.3): routes match the name alone. */
  static @Nullable String withoutEmptyPort(@Nullable String host) {
    return host != null && hasEmptyPort(host) ? host.substring(0, host.length() - 1) : host;
  }

  /**
   * Whether the client waits for "100 Continue" (RFC 9110 §10.1.1); removes the mark. Call once per
   * request; the caller is then responsible for the 100.
   */
  public static boolean takeExpectation(HttpHeaders headers) {
    boolean expects = headers.contains(EXPECTATION);
    if (expects) {
      headers.remove(EXPECTATION);
    }
    return expects;
  }

  /** Removes scheme and authority, which a client may send to a proxy (RFC 9112 §3.2.2). */
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

  /** Returns the normalised path of a target in origin-form, on which routes match. */
  static String normalisedPath(String target) {
    int question = target.indexOf('?');
    return NormalTarget.of(question < 0 ? target : target.substring(0, question));
  }
}
