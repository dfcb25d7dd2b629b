package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR;

import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.server.HttpServerResponse;

/** Copies the head of the engine's response to the exchange's response, where filters find it. */
final class ResponseHead {
  private static final Logger log = LoggerFactory.getLogger(ResponseHead.class);

  private final GatewayLaneRequest request;
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private boolean length;

  ResponseHead(GatewayLaneRequest request) {
    this.request = request;
  }

  void apply(HttpResponse head, ServerWebExchange exchange) {
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(HttpStatusCode.valueOf(head.status().code()));
    org.springframework.http.HttpHeaders headers = response.getHeaders();
    for (var entry :
        (Iterable<Map.Entry<CharSequence, CharSequence>>) head.headers()::iteratorCharSequence) {
      String name = entry.getKey().toString();
      if (HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
        length = true;
        headers.set(name, entry.getValue().toString());
      } else if (!HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name)) {
        headers.add(name, entry.getValue().toString());
      }
    }
    frame(head, headers);
    // Lets the Gateway's retry filter remove them again.
    exchange.getAttributes().put(CLIENT_RESPONSE_HEADER_NAMES, head.headers().names());
    String contentType = head.headers().get(HttpHeaderNames.CONTENT_TYPE);
    if (contentType != null) {
      exchange.getAttributes().put(ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, contentType);
    }
    if (request.http instanceof HttpServerResponse netty) {
      netty.trailerHeaders(this::addTrailers);
    }
  }

  /**
   * Sets the framing. Reactor Netty starts with "chunked", which must go if there is a length or if
   * there can be no body (RFC 9112 §6.1).
   */
  private void frame(HttpResponse head, org.springframework.http.HttpHeaders headers) {
    int status = head.status().code();
    if (length || status == 204 || status == 304) {
      headers.remove(HttpHeaderNames.TRANSFER_ENCODING.toString());
    } else {
      headers.set(
          HttpHeaderNames.TRANSFER_ENCODING.toString(), HttpHeaderValues.CHUNKED.toString());
    }
  }

  /** Whether the head has a {@code Content-Length}. */
  boolean hasLength() {
    return length;
  }

  boolean hasTrailers() {
    return !trailers.isEmpty();
  }

  void trailers(HttpHeaders received) {
    trailers = received;
  }

  /**
   * Adds the trailers; called by Reactor Netty after the body. It refuses fields that are not
   * allowed in trailers.
   */
  private void addTrailers(HttpHeaders outgoing) {
    for (Map.Entry<String, String> trailer : trailers) {
      addIfAllowed(trailer, outgoing);
    }
  }

  private static void addIfAllowed(Map.Entry<String, String> trailer, HttpHeaders outgoing) {
    try {
      outgoing.add(trailer.getKey(), trailer.getValue());
    } catch (IllegalArgumentException forbidden) {
      log.debug("Not a trailer field: {}", trailer.getKey());
    }
  }
}
