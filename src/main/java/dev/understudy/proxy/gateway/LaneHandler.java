package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR;

import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.TrafficListener;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.adapter.ForwardedHeaderTransformer;
import org.springframework.web.server.adapter.HttpWebHandlerAdapter;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * Handles every request of the lane: records it as it came, lets the filters of the first route
 * that matches work on it, responds to errors, and reports the outcome of requests that did not
 * reach the engine.
 *
 * <p>It replaces Spring's own chain of web filters, exception handlers, observations and handler
 * mappings, each of which would be several stages of the request's stream: the main port has routes
 * alone. Only requests that are subject to Spring's CORS or versions go through its dispatcher.
 */
final class LaneHandler extends HttpWebHandlerAdapter {
  private static final String REQUEST_ID = "X-Request-Id";
  private static final HttpMethod CONNECT = HttpMethod.valueOf("CONNECT");

  private final RouteLookup lookup;
  private final Preflights preflights;
  private final TrafficListener listener;

  /**
   * @param built Spring's own handler, which is made by the settings
   * @param isNative whether forwarding fields are left to the server, which leaves them to Spring
   */
  LaneHandler(
      HttpWebHandlerAdapter built,
      DispatcherHandler dispatcher,
      RouteLookup lookup,
      Preflights preflights,
      TrafficListener listener,
      boolean isNative) {
    super(dispatcher);
    this.lookup = lookup;
    this.preflights = preflights;
    this.listener = listener;
    setSessionManager(built.getSessionManager());
    setCodecConfigurer(built.getCodecConfigurer());
    setLocaleContextResolver(built.getLocaleContextResolver());
    setForwardedHeaderTransformer(
        isNative ? new ForwardedHeaderTransformer() : built.getForwardedHeaderTransformer());
    ApplicationContext context = built.getApplicationContext();
    if (context != null) {
      setApplicationContext(context);
    }
  }

  @Override
  public Mono<Void> handle(ServerHttpRequest received, ServerHttpResponse response) {
    GatewayLaneRequest request = ServerHttpRequestDecorator.getNativeRequest(received);
    RequestHeaders.spellAlike(request.headers());
    ServerHttpRequest seen = forwarded(received);
    if (seen == null) {
      response.setStatusCode(HttpStatus.BAD_REQUEST);
      return response.setComplete();
    }
    ServerWebExchange exchange = createExchange(seen, response);
    request.begin(exchange, preflights);
    response.beforeCommit(() -> Mono.fromRunnable(() -> seal(request, response)));
    return Mono.defer(() -> route(exchange, request))
        .onErrorResume(
            error -> {
              request.failed(error, listener);
              return LocalResponses.writeError(exchange, error);
            })
        .doFinally(signal -> ended(exchange, request, signal))
        .then(exchange.cleanupMultipart())
        .then(Mono.defer(response::setComplete));
  }

  /**
   * The request as {@code server.forward-headers-strategy} has it; null if its fields are
   * malformed.
   */
  private @Nullable ServerHttpRequest forwarded(ServerHttpRequest received) {
    ForwardedHeaderTransformer transformer = getForwardedHeaderTransformer();
    try {
      return transformer == null ? received : transformer.apply(received);
    } catch (RuntimeException malformed) {
      return null;
    }
  }

  private Mono<Void> route(ServerWebExchange exchange, GatewayLaneRequest request) {
    // CONNECT asks for a tunnel to any host, which we do not offer (RFC 9110 §9.3.6).
    if (exchange.getRequest().getMethod().equals(CONNECT)) {
      return LocalResponses.write(exchange, 405);
    }
    ServerWebExchange seen =
        request.request().equals(exchange.getRequest())
            ? exchange
            : exchange.mutate().request(request.request()).build();
    return lookup.isSufficient(seen) ? lookup.handle(seen) : getDelegate().handle(seen);
  }

  /** Completes every response's headers just before they are sent. */
  private void seal(GatewayLaneRequest request, ServerHttpResponse response) {
    HttpHeaders headers = response.getHeaders();
    if (!request.isForwarded() && !headers.containsHeader(REQUEST_ID)) {
      headers.set(REQUEST_ID, request.received.id());
    }
  }

  private void ended(ServerWebExchange exchange, GatewayLaneRequest request, SignalType signal) {
    request.close();
    if (!request.isForwarded()) {
      request.ended(outcome(exchange, request, signal), listener);
    }
  }

  private static RequestOutcome outcome(
      ServerWebExchange exchange, GatewayLaneRequest request, SignalType signal) {
    Route route = exchange.getAttribute(GATEWAY_ROUTE_ATTR);
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    boolean gone = signal == SignalType.CANCEL;
    boolean silent = request.method().equals(io.netty.handler.codec.http.HttpMethod.HEAD);
    long length = silent ? 0 : exchange.getResponse().getHeaders().getContentLength();
    return RequestOutcome.local(
        route == null ? null : route::getId,
        request.received.client().remote(),
        request.received.client(),
        request.received.id(),
        request.method().name(),
        request.received.host(),
        request.received.clientTarget(),
        gone || status == null || request.isAborted() ? 0 : status.value(),
        gone ? RequestEnd.CLIENT_GONE : request.localEnd(),
        request.startNanos,
        Math.max(0, length));
  }
}
