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
   * A table, which counts while what it was made of is in force.
   *
   * @param definitions what it was made of
   */
  private record Narrowing(RouteTable table, List<RouteDefinition> definitions) {

    /** Whether these routes, each by its id, are those of the table. */
    boolean isOf(List<Route> routes) {
      return table.lanes().stream()
          .map(RouteLane::id)
          .toList()
          .equals(routes.stream().map(Route::getId).toList());
    }
  }

  /**
   * What is in force.
   *
   * @param routes in true order
   * @param narrowing of the same routes in the same order; null: none is known
   */
  private record Known(List<Route> routes, @Nullable Narrowing narrowing) {}

  private final RouteLocator locator;
  private final Supplier<List<RouteDefinition>> definitions;
  private volatile @Nullable Known known;

  // The rest belongs to who holds the lock: refreshes come on any thread, and may overlap.
  private @Nullable Narrowing narrowing;
  private long refreshes;

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
   * anew out of the same definitions, as at the end of its own start: what narrows the search still
   * does.
   */
  @Override
  public void onApplicationEvent(RefreshRoutesResultEvent event) {
    if (event.isSuccess()) {
      long refresh = begin();
      var unused = locator.getRoutes().collectList().subscribe(routes -> end(refresh, routes));
    }
  }

  private synchronized long begin() {
    known = null;
    return ++refreshes;
  }

  private synchronized void end(long refresh, List<Route> routes) {
    // One that began later has, or will have, what is newer.
    if (refresh == refreshes) {
      know(List.copyOf(routes));
    }
  }

  /**
   * From now on, until routes change, requests are looked up in this table first. To be called when
   * the routes are in force; without effect if it is not theirs.
   */
  public synchronized void narrow(RouteTable table) {
    narrowing = new Narrowing(table, definitions.get());
    Known now = known;
    if (now != null) {
      know(now.routes());
    }
  }

  private void know(List<Route> routes) {
    Narrowing by = narrowing;
    known = new Known(routes, by != null && by.isOf(routes) ? by : null);
  }

  @Override
  protected Mono<Route> lookupRoute(ServerWebExchange exchange) {
    Known now = known;
    return now == null
        ? super.lookupRoute(exchange)
        : new RouteSearch(now.routes(), exchange).from(first(now.narrowing(), exchange));
  }

  // The list itself says that nothing has changed; equal definitions would take long to compare.
  @SuppressWarnings("ReferenceEquality")
  private int first(@Nullable Narrowing by, ServerWebExchange exchange) {
    if (by == null || by.definitions() != definitions.get()) {
      return 0;
    }
    LaneRequest lane = LaneRequest.of(exchange);
    ServerHttpRequest request = exchange.getRequest();
    String path = lane.uri.getRawPath();
    // What the table knows, it knows of the request as it came.
    return path != null && request.equals(lane.request)
        ? by.table()
            .firstThatMay(
                HttpMethod.valueOf(request.getMethod().name()),
                lane.headers().get(HttpHeaderNames.HOST),
                path)
        : 0;
  }
}
