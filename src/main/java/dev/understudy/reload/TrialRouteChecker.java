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

/** Checks routes with the Gateway and SSL bundles with Spring, while the file is read. */
public final class TrialRouteChecker implements RouteChecker {
  private final RouteTrial gateway;
  private final SslBundles bundles;
  private final BundleFaults faults;

  public TrialRouteChecker(RouteTrial gateway, SslBundles bundles, BundleFaults faults) {
    this.gateway = gateway;
    this.bundles = bundles;
    this.faults = faults;
  }

  @Override
  public Set<String> predicateNames() {
    return gateway.predicateNames();
  }

  @Override
  public Set<String> filterNames() {
    return gateway.filterNames();
  }

  @Override
  public @Nullable String predicateProblem(RoutePart predicate) {
    return gateway.checkPredicate(predicate).orElse(null);
  }

  @Override
  public @Nullable String filterProblem(RoutePart filter) {
    return gateway.checkFilter(filter).orElse(null);
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
