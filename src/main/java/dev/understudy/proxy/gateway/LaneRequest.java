package dev.understudy.proxy.gateway;

import dev.understudy.proxy.front.RefusedRequest;
import dev.understudy.proxy.front.RequestTarget;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.traffic.EndReason;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
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
  private static final InetSocketAddress UNKNOWN = new InetSocketAddress(0);

  final long startNanos = System.nanoTime();
  final HttpServerRequest http;

  /** The request as the first filter sees it. */
  final ServerHttpRequest request;

  final Channel channel;
  final ClientConnection client;

  /** Whether the client's connection is TLS, which a trusted proxy may have ended. */
  final boolean tls;

  /** The client's wait for a 100 before it sends its body; null if it does not wait. */
  final @Nullable ContinueExpectation expectation;

  /** The request target in origin-form, byte for byte. */
  final String target;

  /** The request target in the form in which it came. */
  final String clientTarget;

  /** {@code Host} as it came if filters see it without its empty port, otherwise null. */
  final @Nullable String originalHost;

  /** The normalised URI, as the first filter sees it. */
  final URI uri;

  private @Nullable GatewayDownstream downstream;
  private @Nullable String id;
  private boolean forwarded;
  private boolean refused;

  private LaneRequest(ServerWebExchange exchange, TrustedProxies trusted, Preflights preflights) {
    this.http = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
    this.channel = ((Connection) http).channel();
    this.expectation =
        RequestTarget.takeExpectation(http.requestHeaders())
            ? new ContinueExpectation(channel)
            : null;
    this.target = RequestTarget.takeOriginal(http.requestHeaders(), http.uri());
    this.clientTarget = RequestTarget.takeClients(http.requestHeaders(), target);
    ServerHttpRequest seen = preflights.hide(exchange.getRequest());
    // Before filters run: during a slow one the body's end would pass unseen.
    ServerHttpRequest guarded = hasBody() ? ClientWatch.on(channel).guard(seen) : seen;
    this.request = expectation == null ? guarded : expectation.watch(guarded);
    this.client = client(http);
    this.tls = trusted.isTls(client, http.requestHeaders());
    this.originalHost = RequestTarget.takeHost(http.requestHeaders());
    this.uri = request.getURI();
  }

  static LaneRequest begin(
      ServerWebExchange exchange, TrustedProxies trusted, Preflights preflights) {
    LaneRequest request = new LaneRequest(exchange, trusted, preflights);
    exchange.getAttributes().put(ATTRIBUTE, request);
    return request;
  }

  static LaneRequest of(ServerWebExchange exchange) {
    return exchange.getRequiredAttribute(ATTRIBUTE);
  }

  private static ClientConnection client(HttpServerRequest http) {
    InetSocketAddress remote = http.remoteAddress();
    InetSocketAddress local = http.hostAddress();
    return new ClientConnection(
        remote == null ? UNKNOWN : remote,
        local == null ? 0 : local.getPort(),
        "https".equals(http.connectionScheme()));
  }

  HttpHeaders headers() {
    return http.requestHeaders();
  }

  /**
   * The request's {@code X-Request-Id} if it is well-formed, otherwise a new one; for local
   * responses.
   */
  String id() {
    String known = id;
    if (known == null) {
      known = LaneRequestIds.of(headers());
      id = known;
    }
    return known;
  }

  /** {@code Host} as it came; empty if there is none. */
  String host() {
    String host = clientHost();
    return host == null ? "" : host;
  }

  @Nullable String clientHost() {
    return originalHost == null ? headers().get(HttpHeaderNames.HOST) : originalHost;
  }

  /** Whether the request announces a body (RFC 9112 §6.3); for HTTP/2 the codec adds the fields. */
  boolean hasBody() {
    String length = headers().get(HttpHeaderNames.CONTENT_LENGTH);
    return headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
        || (length != null && !RequestHeaders.isZero(length));
  }

  /** See {@link WebSocketHandshake#isRelayed}. */
  boolean isHandshake() {
    return WebSocketHandshake.isRelayed(http.method(), http.version(), headers(), hasBody());
  }

  /** See {@link WebSocketHandshake#isComplete}. */
  boolean isCompleteHandshake() {
    return isHandshake() && WebSocketHandshake.isComplete(headers());
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
