package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.containsEncodedParts;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.isAlreadyRouted;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.setAlreadyRouted;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.UpgradeOffer;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.UriComponentsBuilder;
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
        forwardedTarget(exchange, lane, computed),
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

  /**
   * Computes the request target for the upstream request: the client's own, byte for byte, except
   * for the part (path or query) that a filter changed.
   *
   * @param url the URL to which the Gateway would send the request; null if it has computed none
   */
  private static String forwardedTarget(
      ServerWebExchange exchange, GatewayLaneRequest lane, @Nullable URI url) {
    String target = lane.received.target();
    URI current = exchange.getRequest().getURI();
    URI wanted = url != null && changedLate(current, url) ? url : current;
    boolean samePath = Objects.equals(wanted.getRawPath(), lane.uri().getRawPath());
    boolean sameQuery = Objects.equals(wanted.getRawQuery(), lane.uri().getRawQuery());
    if (samePath && sameQuery) {
      return target;
    }
    int question = target.indexOf('?');
    String path =
        samePath
            ? question < 0 ? target : target.substring(0, question)
            : orSlash(wanted.getRawPath());
    String query =
        sameQuery ? question < 0 ? null : target.substring(question + 1) : wanted.getRawQuery();
    return query == null ? path : path + '?' + query;
  }

  /**
   * Whether a filter replaced the URL after {@code RouteToRequestUrlFilter} had merged it. The
   * merge turns two slashes into one, so the URLs' paths alone do not show it.
   */
  private static boolean changedLate(URI current, URI url) {
    if (Objects.equals(current.getRawPath(), url.getRawPath())
        && Objects.equals(current.getRawQuery(), url.getRawQuery())) {
      return false;
    }
    URI merged =
        UriComponentsBuilder.fromUri(current)
            .scheme(url.getScheme())
            .host(url.getHost())
            .port(url.getPort())
            .build(containsEncodedParts(current))
            .toUri();
    return !merged.equals(url);
  }

  private static String orSlash(@Nullable String path) {
    return path == null || path.isEmpty() ? "/" : path;
  }

  /**
   * Writes the response's body from the engine after all filters have seen the head. It has the
   * order of the Gateway's own write filter, so that filters that change bodies wrap it.
   */
  static final class Write implements GlobalFilter, Ordered {
    @Override
    public int getOrder() {
      return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
      return chain
          .filter(exchange)
          .then(
              Mono.defer(
                  () -> {
                    Publisher<DataBuffer> body = GatewayLaneRequest.of(exchange).takeBody();
                    return body == null ? Mono.empty() : exchange.getResponse().writeWith(body);
                  }));
    }
  }
}
