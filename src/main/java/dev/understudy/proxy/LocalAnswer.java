package dev.understudy.proxy;

import dev.understudy.pool.Pool;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Our own answers to a request that no server answered: a page for browsers, {@code
 * application/problem+json} (RFC 9457) for all others.
 */
final class LocalAnswer {
  private static final Map<Integer, String> DETAILS =
      Map.of(
          400, "The request can't be forwarded.",
          502, "The server failed while it had the request. It was not sent again.",
          503, "No server can serve this request now. Please try again.",
          504, "The server did not answer in time.");

  private LocalAnswer() {}

  /**
   * Sends one.
   *
   * @param pool whose settings say when to try again; null: there is none
   * @return bytes of its body
   */
  static int send(
      Downstream downstream,
      ProxyRequest request,
      int status,
      String requestId,
      @Nullable Pool pool) {
    boolean page = wantsPage(request.headers());
    byte[] body = body(status, page).getBytes(StandardCharsets.UTF_8);
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    HttpHeaders headers = head.headers();
    headers.set(
        HttpHeaderNames.CONTENT_TYPE,
        page ? "text/html; charset=utf-8" : "application/problem+json");
    headers.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
    headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    headers.set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT);
    headers.set(ServerHeaders.REQUEST_ID, requestId);
    if (status == 503) {
      headers.set(HttpHeaderNames.RETRY_AFTER, Long.toString(retryAfterSeconds(pool)));
    }
    boolean silent = HttpMethod.HEAD.equals(request.method());
    downstream.head(head);
    if (!silent) {
      downstream.body(Unpooled.wrappedBuffer(body));
    }
    downstream.end(EmptyHttpHeaders.INSTANCE);
    downstream.flush();
    return silent ? 0 : body.length;
  }

  /** The soonest that a server which is DOWN can be UP again, in whole seconds. */
  private static long retryAfterSeconds(@Nullable Pool pool) {
    if (pool == null) {
      return 1;
    }
    Duration soonest = pool.health().downInterval().multipliedBy(pool.health().rise());
    return Math.max(1, soonest.plusMillis(999).toSeconds());
  }

  private static boolean wantsPage(HttpHeaders headers) {
    return headers.contains(HttpHeaderNames.ACCEPT)
        && headers.getAll(HttpHeaderNames.ACCEPT).stream()
            .anyMatch(accept -> accept.contains("text/html"));
  }

  private static String body(int status, boolean page) {
    String title = HttpResponseStatus.valueOf(status).reasonPhrase();
    String detail = DETAILS.getOrDefault(status, title);
    if (page) {
      return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>%d %s</title></head>
      <body><h1>%s</h1><p>%s</p></body></html>
      """
          .formatted(status, title, title, detail);
    }
    return """
    {"type":"about:blank","title":"%s","status":%d,"detail":"%s"}
    """
        .formatted(title, status, detail);
  }
}
