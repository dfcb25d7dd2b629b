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
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import reactor.core.publisher.Flux;

/**
 * The Gateway's routes as they were made last, instead of its {@code CachingRouteLocator}.
 *
 * <ul>
 *   <li>They are made anew at each {@link RefreshRoutesEvent}, whoever publishes it, before {@code
 *       publishEvent} returns; listeners of {@link RefreshRoutesResultEvent} see them.
 *   <li>One refresh at a time, and none while the file is applied but its own. The Gateway's may
 *       overlap: the routes, and the success, of one that began before then pass for those of the
 *       file.
 *   <li>If they cannot be made, those before stay in force.
 *   <li>Sources answer at once: all that the Gateway has here do. One that does not has failed.
 * </ul>
 */
final class RouteSnapshot
    implements RouteLocator, ApplicationListener<RefreshRoutesEvent>, Ordered {
  private static final Logger log = LoggerFactory.getLogger(RouteSnapshot.class);

  /**
   * What is in force.
   *
   * @param routes in true order
   * @param weights of the same routes
   * @param narrowing of the same routes in the same order; null: none is known
   */
  record InForce(List<Route> routes, RouteWeights weights, @Nullable RouteTable narrowing) {}

  /**
   * A table, which counts while what it was made of is in force.
   *
   * @param definitions what it was made of
   */
  private record Narrowing(RouteTable table, List<RouteDefinition> definitions) {

    /** Whether these routes, each by its id, are those of the table. */
    // The list itself says that nothing has changed; equal definitions would take long to compare.
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
  private volatile InForce inForce = new InForce(List.of(), RouteWeights.of(List.of()), null);

  // Only while the file is undisturbed.
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
    file.undisturbed(
        () -> {
          narrowing = new Narrowing(table, file.inForce());
          use(inForce.routes(), inForce.weights());
        });
  }

  @Override
  public void onApplicationEvent(RefreshRoutesEvent event) {
    file.undisturbed(() -> events.publishEvent(refresh()));
  }

  private RefreshRoutesResultEvent refresh() {
    try {
      List<Route> routes = List.copyOf(make());
      use(routes, RouteWeights.of(routes));
      return new RefreshRoutesResultEvent(this);
    } catch (RuntimeException | LinkageError e) {
      log.error("The routes could not be made; those before stay in force", e);
      return new RefreshRoutesResultEvent(this, e);
    }
  }

  private List<Route> make() {
    CompletableFuture<@Nullable List<Route>> made =
        sources.getRoutes().sort(AnnotationAwareOrderComparator.INSTANCE).collectList().toFuture();
    List<Route> routes = made.getNow(null);
    if (routes == null) {
      made.cancel(false);
      throw new IllegalStateException("a source of routes did not answer at once");
    }
    return routes;
  }

  private void use(List<Route> routes, RouteWeights weights) {
    Narrowing by = narrowing;
    inForce =
        new InForce(
            routes, weights, by != null && by.isOf(file.inForce(), routes) ? by.table() : null);
  }

  @Override
  public Flux<Route> getRoutes() {
    return Flux.defer(() -> Flux.fromIterable(inForce.routes()));
  }

  /** Before other listeners, which ask for the routes. */
  @Override
  public int getOrder() {
    return 0;
  }
}
