package dev.understudy.reload;

import dev.understudy.config.RouteChecker;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.route.CompiledParts;
import dev.understudy.proxy.route.ShadowedRoutes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks predicates and filters with the compiler that serves them. Only what does not compile, be
 * it the Gateway's or wrong, and names for a message are asked of another checker, which therefore
 * may be one that is slow to get.
 */
public final class ExpressRouteChecker implements RouteChecker {
  private final RouteChecker others;

  /**
   * @param others knows the Gateway and SSL bundles
   */
  public ExpressRouteChecker(RouteChecker others) {
    this.others = others;
  }

  @Override
  public Set<String> predicateNames() {
    return others.predicateNames();
  }

  @Override
  public Set<String> filterNames() {
    return others.filterNames();
  }

  @Override
  public boolean knowsPredicate(RoutePart predicate) {
    return CompiledParts.hasPredicate(predicate) || others.knowsPredicate(predicate);
  }

  @Override
  public boolean knowsFilter(RoutePart filter) {
    return CompiledParts.hasFilter(filter) || others.knowsFilter(filter);
  }

  @Override
  public @Nullable String predicateProblem(RoutePart predicate) {
    return CompiledParts.hasPredicate(predicate) ? null : others.predicateProblem(predicate);
  }

  @Override
  public @Nullable String filterProblem(RoutePart filter) {
    return CompiledParts.hasFilter(filter) ? null : others.filterProblem(filter);
  }

  @Override
  public Map<String, Set<String>> shadowed(List<RouteSpec> routes) {
    return ShadowedRoutes.of(routes);
  }

  @Override
  public @Nullable String bundleProblem(String bundle) {
    return others.bundleProblem(bundle);
  }
}
