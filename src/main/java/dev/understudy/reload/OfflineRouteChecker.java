package dev.understudy.reload;

import dev.understudy.config.RouteChecker;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.gateway.OfflineRouteTrial;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.route.ShadowedRoutes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks routes with the Gateway where no proxy runs; opens it when it is first asked. Accepts
 * every name of an SSL bundle: bundles are static settings, which may differ where the file is to
 * be used.
 */
public final class OfflineRouteChecker implements RouteChecker, AutoCloseable {
  private @Nullable OfflineRouteTrial opened;

  /** Whether the Gateway was asked for anything. */
  synchronized boolean isOpen() {
    return opened != null;
  }

  private synchronized RouteTrial gateway() {
    OfflineRouteTrial trial = opened;
    if (trial == null) {
      trial = OfflineRouteTrial.open();
      opened = trial;
    }
    return trial.trial();
  }

  @Override
  public Set<String> predicateNames() {
    return gateway().predicateNames();
  }

  @Override
  public Set<String> filterNames() {
    return gateway().filterNames();
  }

  @Override
  public @Nullable String predicateProblem(RoutePart predicate) {
    return gateway().checkPredicate(predicate).orElse(null);
  }

  @Override
  public @Nullable String filterProblem(RoutePart filter) {
    return gateway().checkFilter(filter).orElse(null);
  }

  @Override
  public Map<String, Set<String>> shadowed(List<RouteSpec> routes) {
    return ShadowedRoutes.of(routes);
  }

  @Override
  public synchronized void close() {
    if (opened != null) {
      opened.close();
    }
  }
}
