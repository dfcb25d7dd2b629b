package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR;

import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Map;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;

/** Copies the head of the engine's response to the exchange's response, where filters find it. */
final class ResponseHead {
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private boolean length;

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
    // Lets the Gateway's retry filter remove them again.
    exchange.getAttributes().put(CLIENT_RESPONSE_HEADER_NAMES, head.headers().names());
    String contentType = head.headers().get(HttpHeaderNames.CONTENT_TYPE);
    if (contentType != null) {
      exchange.getAttributes().put(ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, contentType);
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

  HttpHeaders trailers() {
    return trailers;
  }
}
