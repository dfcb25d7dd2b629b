package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.translate.RouteBackends.OrderedRoute;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Admits routes one after the other, the oldest first. What one has is no other's: two routes of
 * the data plane, or two pools, with one name would make the configuration invalid as a whole.
 */
final class RouteAdmission {
  private final Set<String> routes = new HashSet<>();
  private final Map<PoolId, Pool> pools = new LinkedHashMap<>();

  /** What a route comes to: as it is if it has its names for itself, else refused. */
  RouteBackends admit(RouteBackends made) {
    String taken = taken(made);
    if (taken != null) {
      return made.refused(
          StatusCondition.no(
              StatusCondition.ACCEPTED,
              Refusal.UNSUPPORTED_VALUE,
              "an older route has " + taken + "; expected another name of the route"));
    }
    made.routes().forEach(each -> routes.add(each.route().id()));
    pools.putAll(made.pools());
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
