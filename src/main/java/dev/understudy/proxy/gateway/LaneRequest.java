package dev.understudy.proxy.gateway;

import dev.understudy.proxy.front.GatewayRequest;
import dev.understudy.proxy.front.RefusedRequest;
import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.traffic.EndReason;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * One request of the lane as it came, independent of later filters; an attribute of its exchange.
 */
final class LaneRequest {
  private static final String ATTRIBUTE = LaneRequest.class.getName();

  final long startNanos = System.nanoTime();
  final HttpServerRequest http;

  /** The request as the first filter sees it. */
  final ServerHttpRequest request;

  final Channel channel;

  /** The request as the front received it. */
  final GatewayRequest received;

  /** The client's wait for a 100 before it sends its body; null if it does not wait. */
  final @Nullable ContinueExpectation expectation;

  /** The normalised URI, as the first filter sees it. */
  final URI uri;

  private @Nullable GatewayDownstream downstream;
  private boolean forwarded;
  private boolean refused;

  private LaneRequest(ServerWebExchange exchange, Preflights preflights) {
    this.http = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
    this.channel = ((Connection) http).channel();
    this.received = GatewayRequest.on(channel);
    this.expectation = received.expectsContinue() ? new ContinueExpectation(channel) : null;
    ServerHttpRequest seen = preflights.hide(exchange.getRequest());
    // Before filters run: during a slow one the body's end would pass unseen.
    ServerHttpRequest guarded = received.body() ? ClientWatch.on(channel).guard(seen) : seen;
    this.request = expectation == null ? guarded : expectation.watch(guarded);
    this.uri = request.getURI();
  }

  static LaneRequest begin(ServerWebExchange exchange, Preflights preflights) {
    LaneRequest request = new LaneRequest(exchange, preflights);
    exchange.getAttributes().put(ATTRIBUTE, request);
    return request;
  }

  static LaneRequest of(ServerWebExchange exchange) {
    return exchange.getRequiredAttribute(ATTRIBUTE);
  }

  HttpHeaders headers() {
    return http.requestHeaders();
  }

  /** {@code Host} as it came; empty if there is none. */
  String host() {
    String host = received.host();
    return host == null ? "" : host;
  }

  /** See {@link WebSocketHandshake#isComplete}. */
  boolean isCompleteHandshake() {
    return received.handshake() && WebSocketHandshake.isComplete(headers());
  }

  /** Whether a part of the final response has been written. */
  boolean hasSentHead() {
    return !(http instanceof HttpServerResponse response) || response.hasSentHeaders();
  }

  boolean isHttp2() {
    return http.version().majorVersion() == 2;
  }

  /**
   * Whether an HTTP/1.0 client asks to keep its connection, which needs a keep-alive field in the
   * response (RFC 9112 §C.2.2).
   */
  boolean wantsKeepAliveSaid() {
    return isHttp10()
        && headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE, true);
  }

  boolean isHttp10() {
    return http.version().equals(HttpVersion.HTTP_1_0);
  }

  /** Records the current attempt and closes the previous one; a filter may make several. */
  void forwardedBy(GatewayDownstream next) {
    GatewayDownstream previous = downstream;
    downstream = next;
    forwarded = true;
    if (previous != null) {
      previous.close();
    }
  }

  /** Records the error with which the filters ended. */
  void failed(Throwable error) {
    refused = error instanceof RefusedRequest;
  }

  /** The end reason of a request that did not reach the engine. */
  EndReason localEnd() {
    return refused ? EndReason.BAD_REQUEST : EndReason.LOCAL;
  }

  boolean isForwarded() {
    return forwarded;
  }

  /** Closes the last attempt: no more of its response will be read. */
  void close() {
    GatewayDownstream last = downstream;
    if (last != null) {
      last.close();
    }
  }
}
