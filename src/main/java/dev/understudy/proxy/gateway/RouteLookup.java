package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.RouteTable;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.handler.RoutePredicateHandlerMapping;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The Gateway's own search for the first route that matches, without its cost: a plain loop instead
 * of a stream for each request, and from the first route on that the compiled table does not rule
 * out, so that 10,000 routes cost hardly more than one.
 */
public final class RouteLookup extends RoutePredicateHandlerMapping {
  private final RouteSnapshot routes;

  RouteLookup(
      FilteringWebHandler handler,
      RouteSnapshot routes,
      GlobalCorsProperties cors,
      Environment environment) {
    super(handler, routes, cors, environment);
    this.routes = routes;
  }

  /**
   * From now on, until routes change, requests are looked up in this table first. To be called when
   * the routes are in force; without effect if it is not theirs.
   */
  public void narrow(RouteTable table) {
    routes.narrow(table);
  }

  @Override
  protected Mono<Route> lookupRoute(ServerWebExchange exchange) {
    RouteSnapshot.InForce now = routes.inForce();
    now.weights().choose(exchange);
    return new RouteSearch(now.routes(), exchange).from(first(now.narrowing(), exchange));
  }

  private static int first(@Nullable RouteTable narrowing, ServerWebExchange exchange) {
    if (narrowing == null) {
      return 0;
    }
    LaneRequest lane = LaneRequest.of(exchange);
    ServerHttpRequest request = exchange.getRequest();
    String path = lane.uri.getRawPath();
    // What the table knows, it knows of the request as it came.
    return path != null && request.equals(lane.request)
        ? narrowing.firstThatMay(
            HttpMethod.valueOf(request.getMethod().name()),
            lane.headers().get(HttpHeaderNames.HOST),
            path)
        : 0;
  }
}
