package dev.understudy;

import dev.understudy.config.NamedArgs;
import dev.understudy.config.RouteSpec;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteSource;
import dev.understudy.proxy.route.RouteSource.Part;
import dev.understudy.proxy.route.RouteTable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webflux.autoconfigure.WebFluxProperties;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Compiles the dynamic file's routes; or, where a static setting changes what routes mean, leaves
 * all of them to the Gateway.
 */
final class RouteTables {
  private static final String GATEWAY = GatewayProperties.PREFIX;
  private static final String HOST_PORT = GATEWAY + ".predicate.host.include-port";

  private final @Nullable String gatewayOnly;

  private RouteTables(@Nullable String gatewayOnly) {
    this.gatewayOnly = gatewayOnly;
  }

  /** As if no static setting were in the way. */
  static RouteTables of() {
    return new RouteTables(null);
  }

  static RouteTables of(
      StaticSettings settings,
      GatewayProperties gateway,
      GlobalCorsProperties cors,
      WebFluxProperties webFlux,
      Environment environment) {
    if (settings.express() == StaticSettings.Express.OFF) {
      return new RouteTables("understudy.express is off");
    }
    if (!cors.getCorsConfigurations().isEmpty()) {
      return new RouteTables("CORS is the Gateway's: " + GATEWAY + ".globalcors is set");
    }
    if (!gateway.getRoutes().isEmpty()) {
      return new RouteTables(
          "there are routes outside of the dynamic file: " + GATEWAY + ".routes");
    }
    if (StringUtils.hasText(webFlux.getBasePath())) {
      return new RouteTables("spring.webflux.base-path is set");
    }
    if (environment.getProperty(HOST_PORT, boolean.class, true)) {
      return new RouteTables(HOST_PORT + " is not false");
    }
    return of();
  }

  RouteTable table(List<RouteSpec> routes, List<NamedArgs> defaultFilters) {
    List<RouteSource> sources = routes.stream().map(RouteTables::source).toList();
    return gatewayOnly == null
        ? RouteCompiler.compile(sources, parts(defaultFilters))
        : RouteCompiler.gatewayOnly(sources, gatewayOnly);
  }

  private static RouteSource source(RouteSpec route) {
    return new RouteSource(
        route.id(),
        route.uri().toString(),
        route.order(),
        parts(route.predicates()),
        parts(route.filters()),
        route.metadata());
  }

  private static List<Part> parts(List<NamedArgs> parts) {
    return parts.stream().map(part -> new Part(part.name(), part.args())).toList();
  }
}
