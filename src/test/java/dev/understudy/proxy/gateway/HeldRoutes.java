package dev.understudy.proxy.gateway;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.springframework.cloud.gateway.route.CachingRouteLocator;
import org.springframework.cloud.gateway.route.CompositeRouteLocator;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The Gateway's own routes; while they are held, whoever asks gets them, as they are then, only
 * when the test lets go of them.
 */
final class HeldRoutes extends CachingRouteLocator {
  private final Deque<Sinks.Empty<Void>> asking = new ArrayDeque<>();
  private boolean held;

  private HeldRoutes(RouteLocator routes) {
    super(routes);
  }

  @Configuration(proxyBeanMethods = false)
  static class Configured {
    /** Instead of the Gateway's own, which stands back for one of that name. */
    @Bean
    @Primary
    RouteLocator cachedCompositeRouteLocator(List<RouteLocator> locators) {
      return new HeldRoutes(new CompositeRouteLocator(Flux.fromIterable(locators)));
    }
  }

  @Override
  public Flux<Route> getRoutes() {
    return Flux.defer(() -> hold(super.getRoutes()));
  }

  private synchronized Flux<Route> hold(Flux<Route> routes) {
    if (!held) {
      return routes;
    }
    Sinks.Empty<Void> go = Sinks.empty();
    asking.add(go);
    return routes.collectList().delayUntil(all -> go.asMono()).flatMapIterable(all -> all);
  }

  synchronized void hold() {
    held = true;
  }

  /** From now on nobody waits; first who asked first, or who asked last. */
  synchronized void letGo(boolean firstFirst) {
    held = false;
    while (!asking.isEmpty()) {
      (firstFirst ? asking.pollFirst() : asking.pollLast()).tryEmitEmpty().orThrow();
    }
  }
}
