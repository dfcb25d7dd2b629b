package dev.understudy.reload;

import dev.understudy.config.RouteChecker;
import dev.understudy.extension.Extensions;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.route.CompilableParts;
import dev.understudy.proxy.route.ShadowedRoutes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks predicates and filters with the compiler that serves them. Only what does not compile, be
 * it the Gateway's or wrong, and names for a message are asked of the Gateway, which therefore may
 * be slow to get.
 */
abstract class GatewayRouteChecker implements RouteChecker {
  /** Null if there are none. */
  final @Nullable Extensions extensions;

  GatewayRouteChecker(@Nullable Extensions extensions) {
    this.extensions = extensions;
  }

  /** The Gateway's factories; null to accept what they would be asked about. */
  abstract @Nullable RouteTrial gateway();

  @Override
  public Set<String> predicateNames() {
    RouteTrial gateway = gateway();
    return gateway == null ? Set.of() : gateway.predicateNames();
  }

  @Override
  public Set<String> filterNames() {
    RouteTrial gateway = gateway();
    return gateway == null ? Set.of() : gateway.filterNames();
  }

  @Override
  public boolean knowsPredicate(RoutePart predicate) {
    return CompilableParts.hasPredicate(predicate) || RouteChecker.super.knowsPredicate(predicate);
  }

  @Override
  public boolean knowsFilter(RoutePart filter) {
    return CompilableParts.hasFilter(filter) || RouteChecker.super.knowsFilter(filter);
  }

  @Override
  public @Nullable String predicateProblem(RoutePart predicate) {
    RouteTrial gateway = CompilableParts.hasPredicate(predicate) ? null : gateway();
    return gateway == null ? null : gateway.checkPredicate(predicate).orElse(null);
  }

  @Override
  public @Nullable String filterProblem(RoutePart filter) {
    RouteTrial gateway = CompilableParts.hasFilter(filter) ? null : gateway();
    return gateway == null ? null : gateway.checkFilter(filter).orElse(null);
  }

  @Override
  public @Nullable String healthCheckProblem(String name) {
    if (extensions == null) {
      return "no check of an extension, as understudy.extensions is not set";
    }
    Set<String> names = extensions.checksByName().keySet();
    return names.contains(name)
        ? null
        : "a check of the extensions, "
            + (names.isEmpty() ? "of which none is one" : "one of " + String.join(", ", names));
  }

  @Override
  public Map<String, Set<String>> shadowed(List<RouteSpec> routes) {
    return ShadowedRoutes.of(routes);
  }
}
