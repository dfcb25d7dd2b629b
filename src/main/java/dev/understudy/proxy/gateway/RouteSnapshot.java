package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.RouteLane;
import dev.understudy.proxy.route.RouteTable;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.handler.predicate.PathRoutePredicateFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import reactor.core.publisher.Flux;

/**
 * The Gateway's routes in force; replaces its {@code CachingRouteLocator}.
 *
 * <ul>
 *   <li>Each {@link RefreshRoutesEvent}, from any publisher, rebuilds the routes before {@code
 *       publishEvent} returns; listeners of {@link RefreshRoutesResultEvent} see the new ones. The
 *       file's own keeps routes that do not change.
 *   <li>Refreshes run one at a time, and while the file is applied only its own runs. The Gateway's
 *       locator lets refreshes overlap: the routes and the success of an earlier one would pass for
 *       those of the file.
 *   <li>If the routes cannot be built, the previous ones stay in force.
 *   <li>Sources must complete at once, as all sources of the Gateway used here do. A source that
 *       does not has failed.
 * </ul>
 */
final class RouteSnapshot
    implements RouteLocator, ApplicationListener<RefreshRoutesEvent>, Ordered {
  private static final Logger log = LoggerFactory.getLogger(RouteSnapshot.class);

  /**
   * The routes in force.
   *
   * @param routes in the order in which they are tested
   * @param weights of the same routes
   * @param paths whether a predicate of theirs is {@code Path}
   * @param narrowing the compiled table of the same routes in the same order; null if none is known
   */
  record InForce(
      List<Route> routes, RouteWeights weights, boolean paths, @Nullable RouteTable narrowing) {}

  /**
   * A compiled table, valid while the definitions that it was built from are in force.
   *
   * @param definitions the definitions that the table was built from
   */
  private record Narrowing(RouteTable table, List<RouteDefinition> definitions) {

    /** Whether these routes, compared by id, are those of the table. */
    // The same list instance means no change; comparing equal definitions would take long.
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(List<RouteDefinition> file, List<Route> routes) {
      return definitions == file
          && table.lanes().stream()
              .map(RouteLane::id)
              .toList()
              .equals(routes.stream().map(Route::getId).toList());
    }
  }

  private final RouteLocator sources;
  private final PoolRoutes file;
  private final ApplicationEventPublisher events;
  private volatile InForce inForce =
      new InForce(List.of(), RouteWeights.of(List.of()), false, null);

  // Accessed only within PoolRoutes.undisturbed.
  private @Nullable Narrowing narrowing;

  RouteSnapshot(RouteLocator sources, PoolRoutes file, ApplicationEventPublisher events) {
    this.sources = sources;
    this.file = file;
    this.events = events;
  }

  InForce inForce() {
    return inForce;
  }

  /** See {@link RouteLookup#narrow}. */
  void narrow(RouteTable table) {
    file.exclusively(
        () -> {
          narrowing = new Narrowing(table, file.inForce());
          use(inForce.routes(), inForce.weights());
        });
  }

  @Override
  public void onApplicationEvent(RefreshRoutesEvent event) {
    file.exclusively(
        () -> {
          if (!event.getSource().equals(file)) {
            file.forget();
          }
          events.publishEvent(refresh());
        });
  }

  private RefreshRoutesResultEvent refresh() {
    try {
      List<Route> routes = List.copyOf(make());
      use(routes, RouteWeights.of(routes));
      return new RefreshRoutesResultEvent(this);
    } catch (RuntimeException | LinkageError e) {
      log.error("Route refresh failed; keeping the previous routes", e);
      return new RefreshRoutesResultEvent(this, e);
    }
  }

  private List<Route> make() {
    CompletableFuture<@Nullable List<Route>> made =
        sources.getRoutes().sort(AnnotationAwareOrderComparator.INSTANCE).collectList().toFuture();
    List<Route> routes = made.getNow(null);
    if (routes == null) {
      made.cancel(false);
      throw new IllegalStateException("a source of routes did not complete at once");
    }
    return routes;
  }

  private void use(List<Route> routes, RouteWeights weights) {
    inForce =
        new InForce(
            routes,
            weights,
            routes.stream().anyMatch(RouteSnapshot::hasPath),
            narrowing != null && narrowing.isOf(file.inForce(), routes) ? narrowing.table() : null);
  }

  private static boolean hasPath(Route route) {
    boolean[] found = new boolean[1];
    route
        .getPredicate()
        .accept(each -> found[0] |= each.getConfig() instanceof PathRoutePredicateFactory.Config);
    return found[0];
  }

  @Override
  public Flux<Route> getRoutes() {
    return Flux.defer(() -> Flux.fromIterable(inForce.routes()));
  }

  /** Precedes other listeners, which read the routes. */
  @Override
  public int getOrder() {
    return 0;
  }
}
