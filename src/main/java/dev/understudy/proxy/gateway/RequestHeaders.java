package dev.understudy.proxy.gateway;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** The headers that the engine gets: the client's, as the filters left them. */
final class RequestHeaders {
  private RequestHeaders() {}

  /**
   * A copy, in the order of the client's unless a filter touched them; with the expectation, unless
   * it was met already because a filter read the body.
   */
  static HttpHeaders of(ServerHttpRequest request, LaneRequest lane) {
    HttpHeaders headers = new DefaultHttpHeaders();
    // Filters never change the request itself, only a mutated copy or a decorator.
    if (request.equals(lane.request)) {
      headers.add(lane.headers());
    } else {
      request.getHeaders().forEach((name, values) -> headers.add(name, values));
      putBackHidden(lane, headers);
    }
    putBackHost(lane, headers);
    if (lane.expectation != null && !lane.expectation.isMet()) {
      headers.set(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
    }
    return headers;
  }

  /** Unless a filter has set another one. */
  private static void putBackHost(LaneRequest lane, HttpHeaders headers) {
    String original = lane.originalHost;
    if (original != null && (headers.get(HttpHeaderNames.HOST) + ":").equals(original)) {
      headers.set(HttpHeaderNames.HOST, original);
    }
  }

  private static void putBackHidden(LaneRequest lane, HttpHeaders headers) {
    String hidden = lane.headers().get(Preflights.MARK);
    if (hidden != null && !lane.request.getHeaders().containsHeader(Preflights.MARK)) {
      headers.set(Preflights.MARK, hidden);
    }
  }

  /** RFC 9112 §6.3; HTTP/2's codec says "chunked" where there is a body without length. */
  static boolean announceBody(org.springframework.http.HttpHeaders headers) {
    String length = headers.getFirst(org.springframework.http.HttpHeaders.CONTENT_LENGTH);
    return headers.containsHeader(org.springframework.http.HttpHeaders.TRANSFER_ENCODING)
        || (length != null && !isZero(length));
  }

  /** Zeros may lead, and be all. */
  static boolean isZero(String length) {
    return !length.isEmpty() && length.chars().allMatch(digit -> digit == '0');
  }
}
