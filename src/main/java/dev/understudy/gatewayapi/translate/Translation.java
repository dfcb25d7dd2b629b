package dev.understudy.gatewayapi.translate;

import dev.understudy.pool.Listener;
import dev.understudy.pool.Pool;
import dev.understudy.pool.RouteSpec;
import java.util.List;
import java.util.Map;

/**
 * What the objects come to.
 *
 * @param routes in the order in which they are tried
 * @param reports what status is to say, of objects that are ours
 * @param policies the pools of FailoverPolicies, which are among {@code pools}
 */
public record Translation(
    List<Pool> pools,
    List<RouteSpec> routes,
    List<Listener> listeners,
    Map<ObjectId, Report> reports,
    List<PolicyPool> policies) {
  public Translation {
    pools = List.copyOf(pools);
    routes = List.copyOf(routes);
    listeners = List.copyOf(listeners);
    reports = Map.copyOf(reports);
    policies = List.copyOf(policies);
  }
}
