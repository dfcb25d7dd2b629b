package dev.understudy.reload;

import dev.understudy.config.RouteChecker;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.listener.BundleFaults;
import dev.understudy.proxy.listener.UnusableBundleException;
import dev.understudy.proxy.route.ShadowedRoutes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;

/**
 * Checks SSL bundles with Spring, and routes with the Gateway once Spring's context has made it;
 * before, accepts every part of a route that it is asked about, and remembers that it was asked.
 * Thread-safe.
 */
final class LateRouteChecker implements RouteChecker {
  private final SslBundles bundles;
  private final BundleFaults faults;
  private volatile @Nullable RouteTrial gateway;
  private volatile boolean owing;

  LateRouteChecker(SslBundles bundles, BundleFaults faults) {
    this.bundles = bundles;
    this.faults = faults;
  }

  /** Asks the Gateway from now on. */
  void use(RouteTrial now) {
    gateway = now;
  }

  /** Forgets what it was asked, before another file is checked. */
  void begin() {
    owing = false;
  }

  /** Whether something was accepted that the Gateway has yet to be asked about. */
  boolean isOwing() {
    return owing;
  }

  private @Nullable RouteTrial gateway() {
    RouteTrial now = gateway;
    if (now == null) {
      owing = true;
    }
    return now;
  }

  @Override
  public Set<String> predicateNames() {
    RouteTrial now = gateway();
    return now == null ? Set.of() : now.predicateNames();
  }

  @Override
  public Set<String> filterNames() {
    RouteTrial now = gateway();
    return now == null ? Set.of() : now.filterNames();
  }

  @Override
  public @Nullable String predicateProblem(RoutePart predicate) {
    RouteTrial now = gateway();
    return now == null ? null : now.checkPredicate(predicate).orElse(null);
  }

  @Override
  public @Nullable String filterProblem(RoutePart filter) {
    RouteTrial now = gateway();
    return now == null ? null : now.checkFilter(filter).orElse(null);
  }

  @Override
  public Map<String, Set<String>> shadowed(List<RouteSpec> routes) {
    return ShadowedRoutes.of(routes);
  }

  @Override
  public @Nullable String bundleProblem(String bundle) {
    if (!bundles.getBundleNames().contains(bundle)) {
      return UnusableBundleException.expectedName(bundles);
    }
    String why = faults.why(bundles, bundle);
    return why == null ? null : BundleFaults.USABLE + " (" + why + ")";
  }
}
