package dev.understudy.gatewayapi.translate;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of one route come to, at all of its places.
 *
 * @param pools that its rules lead to, shared pools of Services included
 * @param routes of HTTP and gRPC, each with the place and precedence that orders it
 * @param tcp the pool of a TLSRoute or TCPRoute; null if it has none that can be used
 * @param resolved the condition {@code ResolvedRefs}
 * @param unsupported why the route cannot be accepted as it is written; null if it can
 */
record RouteBackends(
    Map<PoolId, Pool> pools,
    List<OrderedRoute> routes,
    @Nullable PoolId tcp,
    StatusCondition resolved,
    @Nullable StatusCondition unsupported) {
  /** A route of the data plane before it is ordered among all others. */
  record OrderedRoute(BoundListener listener, Precedence precedence, RouteSpec route) {}

  RouteBackends {
    pools = Collections.unmodifiableMap(pools);
    routes = List.copyOf(routes);
  }

  /** The same for a route that is not accepted: it leads nowhere. */
  RouteBackends refused(StatusCondition why) {
    return new RouteBackends(Map.of(), List.of(), null, resolved, why);
  }
}
