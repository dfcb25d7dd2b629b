package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.TrafficListener;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * The outermost filter of every request of the lane: records the request as it came, responds to
 * errors, and reports the outcome of requests that did not reach the engine.
 */
record LaneFilter(
    ApplicationContext context, Preflights preflights, TrafficListener listener, Frontend frontend)
    implements WebFilter, Ordered {
  private static final String REQUEST_ID = "X-Request-Id";
  private static final HttpMethod CONNECT = HttpMethod.valueOf("CONNECT");

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    if (!context.equals(exchange.getApplicationContext())) {
      // The management port, whose context inherits our beans.
      return chain.filter(exchange);
    }
    GatewayLaneRequest request = GatewayLaneRequest.begin(exchange, preflights, frontend);
    ServerHttpResponse response = exchange.getResponse();
    response.beforeCommit(() -> Mono.fromRunnable(() -> seal(request, response)));
    // CONNECT asks for a tunnel to any host, which we do not offer (RFC 9110 §9.3.6).
    Mono<Void> handled =
        exchange.getRequest().getMethod().equals(CONNECT)
            ? LocalResponses.write(exchange, 405)
            : chain.filter(
                request.request.equals(exchange.getRequest())
                    ? exchange
                    : exchange.mutate().request(request.request).build());
    return handled
        .onErrorResume(
            error -> {
              request.failed(error, listener);
              return LocalResponses.writeError(exchange, error);
            })
        .doFinally(signal -> ended(exchange, request, signal));
  }

  /** Completes every response's headers just before they are sent. */
  private void seal(GatewayLaneRequest request, ServerHttpResponse response) {
    HttpHeaders headers = response.getHeaders();
    HttpStatusCode status = response.getStatusCode();
    if (status != null && status.value() == 304) {
      request.bridge.keepLength(headers.getFirst(HttpHeaders.CONTENT_LENGTH));
    }
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
    boolean silent = request.http.method().equals(io.netty.handler.codec.http.HttpMethod.HEAD);
    long length = silent ? 0 : exchange.getResponse().getHeaders().getContentLength();
    return RequestOutcome.local(
        route == null ? null : route::getId,
        request.received.client().remote(),
        request.received.client(),
        request.received.id(),
        request.http.method().name(),
        request.received.host(),
        request.received.clientTarget(),
        gone || status == null ? 0 : status.value(),
        gone ? RequestEnd.CLIENT_GONE : request.localEnd(),
        request.startNanos,
        Math.max(0, length));
  }
}
