package dev.understudy.proxy.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.cloud.gateway.route.RouteDefinitionRouteLocator;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.support.ConfigurationService;
import reactor.core.publisher.Flux;

/**
 * The routes of all definitions; takes the place of the Gateway's {@code
 * RouteDefinitionRouteLocator}, which binds the arguments of every route at each refresh. A route
 * of the file is made once, and kept with its definition.
 */
final class FileRouteLocator implements RouteLocator {
  /** A definition of the file, which does not change. */
  static final class Definition extends RouteDefinition {
    private volatile @Nullable Route made;

    /** Has the route made anew. */
    void forget() {
      made = null;
    }
  }

  private final RouteDefinitionLocator definitions;

  /** Makes the route of the definition that the subscriber's context has. */
  private final RouteLocator maker;

  /**
   * @param definitions all, in the order of their routes
   */
  @SuppressWarnings("rawtypes") // as the Gateway declares them
  FileRouteLocator(
      RouteDefinitionLocator definitions,
      List<RoutePredicateFactory> predicates,
      List<GatewayFilterFactory> filters,
      GatewayProperties gateway,
      ConfigurationService configuration) {
    this.definitions = definitions;
    this.maker =
        new RouteDefinitionRouteLocator(
            () -> Flux.deferContextual(it -> Flux.just(it.get(RouteDefinition.class))),
            predicates,
            filters,
            gateway,
            configuration);
  }

  @Override
  public Flux<Route> getRoutes() {
    return definitions.getRouteDefinitions().concatMap(this::route);
  }

  private Flux<Route> route(RouteDefinition definition) {
    if (!(definition instanceof Definition ofFile)) {
      return make(definition);
    }
    Route made = ofFile.made;
    return made == null ? make(ofFile).doOnNext(route -> ofFile.made = route) : Flux.just(made);
  }

  private Flux<Route> make(RouteDefinition definition) {
    return maker.getRoutes().contextWrite(it -> it.put(RouteDefinition.class, definition));
  }
}
