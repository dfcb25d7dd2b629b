package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.isAlreadyRouted;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.setAlreadyRouted;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.UpgradeOffer;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.core.Ordered;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The last filter of {@code pool://name} routes: passes the request, as modified by the filters
 * before it, to the engine and waits for the response's head, after holds and replays.
 */
record PoolRoutingFilter(ExchangeFactory engine) implements GlobalFilter, Ordered {
  /** Precedes all of the Gateway's own routing filters. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE - 8;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    Route route = exchange.getRequiredAttribute(GATEWAY_ROUTE_ATTR);
    // Null if LaneFilterChains has left out the filter that computes it.
    URI computed = exchange.getAttribute(GATEWAY_REQUEST_URL_ATTR);
    URI target = computed == null ? route.getUri() : computed;
    if (!RouteSpec.POOL_SCHEME.equals(target.getScheme()) || isAlreadyRouted(exchange)) {
      return chain.filter(exchange);
    }
    setAlreadyRouted(exchange);
    GatewayLaneRequest lane = GatewayLaneRequest.of(exchange);
    ProxyRequest request = request(exchange, lane, route, target, computed);
    ExchangeRequest.of(exchange).doneWithSteps();
    return request.isHandshakeWithoutKey()
        ? LocalResponses.write(exchange, 400)
        : new GatewayDownstream(exchange, lane)
            .forward(engine, request, exchange.getRequest().getBody());
  }

  private static ProxyRequest request(
      ServerWebExchange exchange,
      GatewayLaneRequest lane,
      Route route,
      URI target,
      @Nullable URI computed) {
    ServerHttpRequest request = exchange.getRequest();
    boolean body = RequestHeaders.announceBody(request.getHeaders());
    return new ProxyRequest(
        lane.received.clientTarget(),
        lane.received.host(),
        route::getId,
        pool(exchange, target),
        ExchangeRequest.of(exchange).preferredServer(),
        HttpMethod.valueOf(request.getMethod().name()),
        ForwardedTarget.of(exchange, lane, computed),
        lane.received.version(),
        RequestHeaders.of(request, lane),
        body,
        !body && lane.received.handshake()
            ? UpgradeOffer.WEB_SOCKET
            : ExchangeRequest.of(exchange).upgrade(lane.received.version()),
        ExchangeRequest.of(exchange).retries(),
        ExchangeRequest.of(exchange).timeLimits(),
        lane.received.client());
  }

  private static PoolId pool(ServerWebExchange exchange, URI target) {
    PoolId chosen = ExchangeRequest.of(exchange).chosenPool();
    return chosen == null ? new PoolId(target.getHost()) : chosen;
  }
}
