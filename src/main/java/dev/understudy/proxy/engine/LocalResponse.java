package dev.understudy.proxy.engine;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A local response: an error from {@link ErrorResponses}, without details of the proxy's inner
 * workings; or a text set by the operator.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LocalResponse(
    HttpResponseStatus status,
    AsciiString contentType,
    byte[] body,
    String requestId,
    long retryAfter,
    long refresh,
    Map<String, List<String>> more) {
  /** The {@code Allow} field of a 405: the methods that are forwarded. */
  public static final String ALLOWED_METHODS =
      "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE";

  /** Fields of a relayed response that are of its framing, or of the one response alone. */
  private static final Set<String> NOT_RELAYED =
      Set.of(
          "content-length",
          "content-type",
          "transfer-encoding",
          "trailer",
          "date",
          "x-request-id",
          "cache-control",
          "expires",
          "age",
          "etag",
          "last-modified",
          "accept-ranges",
          "alt-svc");

  static final AsciiString PAGE = AsciiString.cached("text/html; charset=utf-8");
  static final AsciiString PROBLEM = AsciiString.cached("application/problem+json");
  private static final AsciiString TEXT = AsciiString.cached("text/plain;charset=utf-8");

  /** De facto standard of browsers, specified by the WHATWG (HTML, 4.2.5.3). */
  private static final AsciiString REFRESH = AsciiString.cached("refresh");

  /** 451 (RFC 7725), which Netty does not know. */
  private static final HttpResponseStatus LEGAL_REASONS =
      new HttpResponseStatus(451, "Unavailable For Legal Reasons");

  public LocalResponse {
    body = hasContent(status.code()) ? body : new byte[0];
  }

  /** This response with another field. */
  public LocalResponse with(String name, String value) {
    Map<String, List<String>> fields = new LinkedHashMap<>(more);
    fields.put(name, List.of(value));
    return new LocalResponse(status, contentType, body, requestId, retryAfter, refresh, fields);
  }

  static HttpResponseStatus status(int code) {
    return code == LEGAL_REASONS.code() ? LEGAL_REASONS : HttpResponseStatus.valueOf(code);
  }

  /** RFC 9110 §15.3.5, §15.3.6 and §15.4.5: 204, 205 and 304 have no content. */
  private static boolean hasContent(int status) {
    return status != 204 && status != 205 && status != 304;
  }

  /**
   * Returns a response with that text, the same for every client.
   *
   * @param text may be empty; left out where the status has no content
   */
  public static LocalResponse text(int status, String text, String requestId) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    return new LocalResponse(status(status), TEXT, body, requestId, 0, 0, Map.of());
  }

  /**
   * Returns a response with that text.
   *
   * @param contentType of the text
   * @param text may be empty; left out where the status has no content
   * @param fields further header fields
   */
  public static LocalResponse text(
      int status, String contentType, String text, String requestId, Map<String, String> fields) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    AsciiString type = TEXT.contentEquals(contentType) ? TEXT : new AsciiString(contentType);
    Map<String, List<String>> lines = new LinkedHashMap<>();
    fields.forEach((name, value) -> lines.put(name, List.of(value)));
    return new LocalResponse(status(status), type, body, requestId, 0, 0, lines);
  }

  /**
   * Returns a response with what another's response has, of which no cache keeps anything.
   *
   * @param from its fields, without those of the connection
   */
  public static LocalResponse relayed(int status, HttpHeaders from, byte[] body, String requestId) {
    String type = from.get(HttpHeaderNames.CONTENT_TYPE);
    Map<String, List<String>> lines = new LinkedHashMap<>();
    for (String name : from.names()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!NOT_RELAYED.contains(lower)) {
        lines.put(lower, from.getAll(name));
      }
    }
    return new LocalResponse(
        status(status),
        type == null ? AsciiString.EMPTY_STRING : new AsciiString(type),
        body,
        requestId,
        0,
        0,
        lines);
  }

  /** Returns the head, to which fields may be added; not yet framed for a protocol version. */
  public HttpResponse head() {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
    HttpHeaders fields = head.headers();
    if (body.length > 0 && !contentType.isEmpty()) {
      fields.set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    // RFC 9110 §8.6: never with 204; with 304 it would be the length of a 200.
    if (hasContent(status.code()) || status.code() == 205) {
      fields.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
    }
    fields.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
    if (contentType.equals(PAGE) || contentType.equals(PROBLEM)) {
      fields.set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT);
    }
    fields.set(UpstreamRequestHead.REQUEST_ID, requestId);
    if (retryAfter > 0) {
      fields.set(HttpHeaderNames.RETRY_AFTER, Long.toString(retryAfter));
    }
    if (refresh > 0) {
      fields.set(REFRESH, Long.toString(refresh));
    }
    more.forEach(fields::set);
    return head;
  }

  /**
   * Sends the whole response.
   *
   * @param method of the request: a response to {@code HEAD} has no body
   * @return bytes of the body that were sent
   */
  public int send(Downstream downstream, HttpMethod method) {
    boolean silent = HttpMethod.HEAD.equals(method) || body.length == 0;
    downstream.head(head());
    if (!silent) {
      downstream.body(Unpooled.wrappedBuffer(body));
    }
    downstream.end(EmptyHttpHeaders.INSTANCE);
    downstream.flush();
    return silent ? 0 : body.length;
  }
}
