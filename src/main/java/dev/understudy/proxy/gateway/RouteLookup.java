package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.RouteLane;
import dev.understudy.proxy.route.RouteTable;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.handler.RoutePredicateHandlerMapping;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The Gateway's own search for the first route that matches, without its cost: a plain loop instead
 * of a stream for each request, and from the first route on that the compiled table does not rule
 * out, so that 10,000 routes cost hardly more than one.
 */
public final class RouteLookup extends RoutePredicateHandlerMapping
    implements ApplicationListener<RefreshRoutesResultEvent> {

  /**
   * What is in force.
   *
   * @param definitions what the routes were made of
   * @param routes in true order
   * @param table of the same routes in the same order; null: nothing is known
   */
  private record Known(
      List<RouteDefinition> definitions, List<Route> routes, @Nullable RouteTable table) {

    /** Whether these routes, each by its id, are those of that table. */
    boolean areOf(RouteTable other) {
      return other.lanes().stream()
          .map(RouteLane::id)
          .toList()
          .equals(routes.stream().map(Route::getId).toList());
    }
  }

  private final RouteLocator locator;
  private final Supplier<List<RouteDefinition>> definitions;
  private volatile @Nullable Known known;

  /**
   * @param definitions those in force, the same list until they change
   */
  RouteLookup(
      FilteringWebHandler handler,
      RouteLocator locator,
      Supplier<List<RouteDefinition>> definitions,
      GlobalCorsProperties cors,
      Environment environment) {
    super(handler, locator, cors, environment);
    this.locator = locator;
    this.definitions = definitions;
  }

  /**
   * Called by the Gateway within each refresh, when its routes are in memory. It also makes them
   * anew out of the same definitions, as at the end of its own start: what was known of them still
   * is.
   */
  @Override
  public void onApplicationEvent(RefreshRoutesResultEvent event) {
    if (event.isSuccess()) {
      Known before = known;
      known = null;
      var unused =
          locator.getRoutes().collectList().subscribe(routes -> known = remade(routes, before));
    }
  }

  // The list itself says that nothing has changed; equal definitions would take long to compare.
  @SuppressWarnings("ReferenceEquality")
  private Known remade(List<Route> routes, @Nullable Known before) {
    List<RouteDefinition> now = definitions.get();
    RouteTable table = before == null || before.definitions() != now ? null : before.table();
    Known next = new Known(now, List.copyOf(routes), table);
    return table == null || next.areOf(table) ? next : new Known(now, next.routes(), null);
  }

  /**
   * From now on, until routes change, requests are looked up in this table first. To be called when
   * the routes are in force; without effect if it is not theirs.
   */
  public void narrow(RouteTable table) {
    Known now = known;
    if (now != null && now.areOf(table)) {
      known = new Known(now.definitions(), now.routes(), table);
    }
  }

  @Override
  protected Mono<Route> lookupRoute(ServerWebExchange exchange) {
    Known now = known;
    return now == null
        ? super.lookupRoute(exchange)
        : new RouteSearch(now.routes(), exchange).from(first(now.table(), exchange));
  }

  private static int first(@Nullable RouteTable table, ServerWebExchange exchange) {
    if (table == null) {
      return 0;
    }
    LaneRequest lane = LaneRequest.of(exchange);
    ServerHttpRequest request = exchange.getRequest();
    String path = lane.uri.getRawPath();
    // What the table knows, it knows of the request as it came.
    return path != null && request.equals(lane.request)
        ? table.firstThatMay(
            HttpMethod.valueOf(request.getMethod().name()),
            lane.headers().get(HttpHeaderNames.HOST),
            path)
        : 0;
  }
}
