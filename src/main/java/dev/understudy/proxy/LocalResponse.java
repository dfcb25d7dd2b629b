package dev.understudy.proxy;

import dev.understudy.proxy.http.UpstreamRequestHead;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A local response: an error, as a page for browsers and as {@code application/problem+json} (RFC
 * 9457) for all others, without details of the proxy's inner workings; or a text set by the
 * operator.
 */
public final class LocalResponse {
  /** The {@code Allow} field of a 405: the methods that are forwarded. */
  public static final String ALLOWED_METHODS =
      "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE";

  private static final Map<Integer, String> DETAILS =
      Map.of(
          400, "The request can't be forwarded.",
          421, "The request belongs on a connection to the host that it names.",
          502, "The server failed while it had the request.",
          503, "No server can serve this request now. Please try again.",
          504, "The server did not respond in time.");

  private static final AsciiString PAGE = AsciiString.cached("text/html; charset=utf-8");
  private static final AsciiString PROBLEM = AsciiString.cached("application/problem+json");
  private static final AsciiString TEXT = AsciiString.cached("text/plain;charset=utf-8");

  /** 451 (RFC 7725), which Netty does not know. */
  private static final HttpResponseStatus LEGAL_REASONS =
      new HttpResponseStatus(451, "Unavailable For Legal Reasons");

  private final HttpResponseStatus status;
  private final AsciiString contentType;
  private final byte[] body;

  private LocalResponse(int status, AsciiString contentType, String body) {
    this.status = status(status);
    this.contentType = contentType;
    this.body = hasContent(status) ? body.getBytes(StandardCharsets.UTF_8) : new byte[0];
  }

  private static HttpResponseStatus status(int code) {
    return code == LEGAL_REASONS.code() ? LEGAL_REASONS : HttpResponseStatus.valueOf(code);
  }

  /** RFC 9110 §15.3.5, §15.3.6 and §15.4.5: 204, 205 and 304 have no content. */
  private static boolean hasContent(int status) {
    return status != 204 && status != 205 && status != 304;
  }

  /**
   * Returns an error response.
   *
   * @param request the client's header fields; {@code Accept} decides between page and JSON
   */
  public static LocalResponse of(int status, HttpHeaders request) {
    boolean page = wantsPage(request);
    return new LocalResponse(status, page ? PAGE : PROBLEM, body(status, page));
  }

  /**
   * Returns a response with that text, the same for every client.
   *
   * @param text may be empty; left out where the status has no content
   */
  public static LocalResponse text(int status, String text) {
    return new LocalResponse(status, TEXT, text);
  }

  /** The content; must not be modified. */
  public byte[] body() {
    return body;
  }

  /** Returns the head, to which fields may be added; not yet framed for a protocol version. */
  public HttpResponse head(String requestId) {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
    HttpHeaders fields = head.headers();
    if (body.length > 0) {
      fields.set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    // RFC 9110 §8.6: never with 204; with 304 it would be the length of a 200.
    if (hasContent(status.code()) || status.code() == 205) {
      fields.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
    }
    fields.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
    if (!contentType.equals(TEXT)) {
      fields.set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT);
    }
    fields.set(UpstreamRequestHead.REQUEST_ID, requestId);
    return head;
  }

  /**
   * Sends the whole response.
   *
   * @param method of the request: a response to {@code HEAD} has no body
   * @param head from {@link #head}
   * @return bytes of the body that were sent
   */
  public int send(Downstream downstream, HttpMethod method, HttpResponse head) {
    boolean silent = HttpMethod.HEAD.equals(method) || body.length == 0;
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
    String title = status(status).reasonPhrase();
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
