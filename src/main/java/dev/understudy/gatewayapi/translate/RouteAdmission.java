package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.translate.RouteBackends.OrderedRoute;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Admits routes one after the other, the oldest first. What one has is no other's: two routes of
 * the data plane, or two pools, with one name would make the configuration invalid as a whole. All
 * have a limit together, of which no namespace has more than a quarter.
 */
final class RouteAdmission {
  /** Combinations of a match, a host and a listener: each is a route of the data plane. */
  private static final int MOST = 20_000;

  private static final int MOST_OF_NAMESPACE = MOST / 4;

  /** How many the routes of each namespace have. */
  private final Map<String, Integer> counts = new HashMap<>();

  private final Set<String> routes = new HashSet<>();
  private final Map<PoolId, Pool> pools = new LinkedHashMap<>();

  /** What the next route of a namespace may have. */
  RouteLimit limit(String namespace) {
    int all = MOST - routes.size();
    int own = MOST_OF_NAMESPACE - counts.getOrDefault(namespace, 0);
    return own <= all
        ? new RouteLimit(own, MOST_OF_NAMESPACE, "in namespace " + namespace)
        : new RouteLimit(all, MOST, "in all namespaces");
  }

  /**
   * What a route comes to: as it is if it has its names for itself, else refused.
   *
   * @param namespace of the route
   * @param made within the {@linkplain #limit limit}
   */
  RouteBackends admit(String namespace, RouteBackends made) {
    String taken = taken(made);
    if (taken != null) {
      return made.refused(
          StatusCondition.notAccepted(
              Refusal.UNSUPPORTED_VALUE,
              "an older route has " + taken + "; expected another name of the route"));
    }
    made.routes().forEach(each -> routes.add(each.route().id()));
    pools.putAll(made.pools());
    counts.merge(namespace, made.routes().size(), Integer::sum);
    return made;
  }

  /** The pools of all that was admitted. */
  Collection<Pool> pools() {
    return pools.values();
  }

  boolean hasPool(PoolId id) {
    return pools.containsKey(id);
  }

  private @Nullable String taken(RouteBackends made) {
    for (OrderedRoute each : made.routes()) {
      if (routes.contains(each.route().id())) {
        return "the name " + each.route().id();
      }
    }
    for (Pool each : made.pools().values()) {
      Pool known = pools.get(each.id());
      if (known != null && !known.equals(each)) {
        return "another pool of the name " + each.id();
      }
    }
    return null;
  }
}
