package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR;

import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;

/** Copies the head of the engine's response to the exchange's response, where filters find it. */
final class ResponseHead {
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private boolean length;

  // A decorator that has fields of its own is told by their identity.
  @SuppressWarnings("ReferenceEquality")
  void apply(HttpResponse head, ServerWebExchange exchange) {
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(HttpStatusCode.valueOf(head.status().code()));
    HttpHeaders fields = head.headers();
    fields.remove(HttpHeaderNames.TRANSFER_ENCODING);
    length = fields.contains(HttpHeaderNames.CONTENT_LENGTH);
    String contentType = fields.get(HttpHeaderNames.CONTENT_TYPE);
    if (contentType != null) {
      exchange.getAttributes().put(ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, contentType);
    }
    Set<String> names = new HashSet<>();
    Iterator<Map.Entry<CharSequence, CharSequence>> all = fields.iteratorCharSequence();
    while (all.hasNext()) {
      names.add(all.next().getKey().toString());
    }
    // Lets the Gateway's retry filter remove them again.
    exchange.getAttributes().put(CLIENT_RESPONSE_HEADER_NAMES, names);
    LaneResponse lane = GatewayLaneRequest.of(exchange).response();
    if (response.getHeaders() == lane.getHeaders()) {
      lane.take(fields);
    } else {
      names.forEach(name -> response.getHeaders().addAll(name, fields.getAll(name)));
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
