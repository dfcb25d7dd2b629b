package dev.understudy.proxy.route;

import dev.understudy.pool.PoolId;
import java.util.List;

/**
 * A route whose predicates and filters are all known here.
 *
 * @param steps default filters and the route's own, in the order in which the Gateway runs them
 */
public record CompiledRoute(String id, PoolId pool, List<Step> steps) {
  public CompiledRoute {
    steps = List.copyOf(steps);
  }
}
