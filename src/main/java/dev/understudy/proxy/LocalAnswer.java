package dev.understudy.proxy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Our own answer to a request that no server answered: a page for browsers, {@code
 * application/problem+json} (RFC 9457) for all others, and nothing in it of how we work.
 */
public final class LocalAnswer {
  private static final Map<Integer, String> DETAILS =
      Map.of(
          400, "The request can't be forwarded.",
          421, "The request belongs on a connection to the host that it names.",
          502, "The server failed while it had the request.",
          503, "No server can serve this request now. Please try again.",
          504, "The server did not answer in time.");

  private final int status;
  private final boolean page;
  private final byte[] body;

  private LocalAnswer(int status, boolean page) {
    this.status = status;
    this.page = page;
    this.body = body(status, page).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Makes one.
   *
   * @param request the client's header fields, of which {@code Accept} says what it gets
   */
  public static LocalAnswer of(int status, HttpHeaders request) {
    return new LocalAnswer(status, wantsPage(request));
  }

  /** The value of {@code Content-Type}. */
  public String contentType() {
    return page ? "text/html; charset=utf-8" : "application/problem+json";
  }

  /** The content, not to be changed. */
  public byte[] body() {
    return body;
  }

  /** Its head, to which fields may be added; not yet framed for a protocol version. */
  public HttpResponse head(String requestId) {
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    head.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, contentType())
        .set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
        .set(ServerHeaders.REQUEST_ID, requestId);
    return head;
  }

  /**
   * Sends it whole.
   *
   * @param method of the request: what answers a {@code HEAD} has no body
   * @param head from {@link #head}
   * @return bytes of the body that were sent
   */
  public int send(Downstream downstream, HttpMethod method, HttpResponse head) {
    boolean silent = HttpMethod.HEAD.equals(method);
    downstream.head(head);
    if (!silent) {
      downstream.body(Unpooled.wrappedBuffer(body));
    }
    downstream.end(EmptyHttpHeaders.INSTANCE);
    downstream.flush();
    return silent ? 0 : body.length;
  }

  private static boolean wantsPage(HttpHeaders request) {
    if (!request.contains(HttpHeaderNames.ACCEPT)) {
      return false;
    }
    for (String accept : request.getAll(HttpHeaderNames.ACCEPT)) {
      if (AsciiString.containsIgnoreCase(accept, "text/html")) {
        return true;
      }
    }
    return false;
  }

  private static String body(int status, boolean page) {
    String title = HttpResponseStatus.valueOf(status).reasonPhrase();
    String detail = DETAILS.getOrDefault(status, "");
    if (page) {
      return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>%1$d %2$s</title></head>
      <body><h1>%1$d %2$s</h1><p>%3$s</p></body></html>
      """
          .formatted(status, title, detail);
    }
    String member = detail.isEmpty() ? "" : ",\"detail\":\"" + detail + "\"";
    return "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d%s}"
        .formatted(title, status, member);
  }
}
