package dev.understudy.proxy.gateway;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import reactor.core.publisher.Flux;

/**
 * The routes of the dynamic file, applied whole or not at all. Requests in flight finish on the
 * route that they matched.
 *
 * <p>Default filters become the Gateway's own {@code default-filters}, so they are ordered among a
 * route's filters as usual, except those that {@linkplain dev.understudy.proxy.route.FilterOrder
 * come first}.
 */
public final class PoolRoutes
    implements RouteDefinitionLocator, ApplicationListener<RefreshRoutesResultEvent> {

  /** The key of the Gateway's own CORS rules in a route's metadata. */
  private static final String CORS = "cors";

  private record Table(FileFilterFactory.Definitions file, boolean cors) {
    Table(FileFilterFactory.Definitions file) {
      this(file, file.routes().stream().anyMatch(route -> route.getMetadata().containsKey(CORS)));
    }
  }

  private final GatewayProperties gateway;
  private final ApplicationEventPublisher events;
  private final FileFilterFactory filters;
  private volatile Table table;

  /** The result of the present refresh; guarded by this object's lock. */
  private @Nullable RefreshRoutesResultEvent result;

  PoolRoutes(
      GatewayProperties gateway, ApplicationEventPublisher events, FileFilterFactory filters) {
    this.gateway = gateway;
    this.events = events;
    this.filters = filters;
    this.table = new Table(FileFilterFactory.Definitions.none(gateway.getDefaultFilters()));
  }

  /**
   * Puts the routes into force before it returns. The first call must precede the start of the
   * listeners.
   *
   * @return empty if the routes are in force; otherwise the reason, and the previous ones stay
   */
  public synchronized Optional<String> apply(
      List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    Table before = table;
    try {
      use(new Table(filters.define(routes, defaultFilters, before.file())));
    } catch (RuntimeException | LinkageError e) {
      return Optional.of(RouteFailureText.say(e));
    }
    result = null;
    boolean taken = false;
    try {
      events.publishEvent(new RefreshRoutesEvent(this));
      RefreshRoutesResultEvent outcome = result;
      taken = outcome != null && outcome.isSuccess();
    } finally {
      if (!taken) {
        use(before);
      }
    }
    return taken ? Optional.empty() : Optional.of(why(result));
  }

  private static String why(@Nullable RefreshRoutesResultEvent outcome) {
    Throwable error = outcome == null ? null : outcome.getThrowable();
    return error == null ? "the Gateway rejected the routes" : RouteFailureText.say(error);
  }

  private void use(Table next) {
    table = next;
    filters.use(next.file());
    gateway.setDefaultFilters(next.file().defaults());
  }

  /** Runs the task while no other thread applies routes or runs a task here. */
  synchronized void exclusively(Runnable task) {
    task.run();
  }

  /** Whether any route has CORS rules of the Gateway. */
  boolean haveCors() {
    return table.cors();
  }

  /** The routes in force; the same list instance until they change. */
  List<RouteDefinition> inForce() {
    return table.file().routes();
  }

  /** Has the Gateway make all routes anew at the next refresh, those too that do not change. */
  synchronized void forget() {
    table.file().forget();
  }

  @Override
  public Flux<RouteDefinition> getRouteDefinitions() {
    return Flux.defer(() -> Flux.fromIterable(table.file().routes()));
  }

  /** Keeps the result of a refresh; called within {@link #apply}. */
  @Override
  public void onApplicationEvent(RefreshRoutesResultEvent event) {
    result = event;
  }
}
