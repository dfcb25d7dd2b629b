package dev.understudy.config;

import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Listener;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.UserList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The content of the dynamic file as a whole: unique ids, and the pools of routes and listeners
 * exist.
 *
 * @param pools in the file's order; at least one
 * @param defaultFilters filters of every route, before its own
 * @param routes in the file's order, without disabled ones
 * @param errorPages with the content of their files
 * @param listeners in the file's order; names and ports (but for 0) are unique
 * @param dns how servers' names are resolved
 * @param userFiles the content of the files that {@code BasicAuth} names, by their paths as they
 *     stand there
 */
public record DynamicConfig(
    List<Pool> pools,
    List<RoutePart> defaultFilters,
    List<RouteSpec> routes,
    ErrorPages errorPages,
    List<Listener> listeners,
    DnsSettings dns,
    Map<String, UserList> userFiles) {
  public DynamicConfig {
    userFiles = Map.copyOf(userFiles);
    pools = List.copyOf(pools);
    defaultFilters = List.copyOf(defaultFilters);
    routes = List.copyOf(routes);
    listeners = List.copyOf(listeners);
    Set<PoolId> poolIds = new HashSet<>();
    Set<String> routeIds = new HashSet<>();
    if (!pools.stream().allMatch(pool -> poolIds.add(pool.id()))) {
      throw new IllegalArgumentException("a pool is named twice");
    }
    for (RouteSpec route : routes) {
      PoolId pool = route.pool();
      if (!routeIds.add(route.id()) || (pool != null && !poolIds.contains(pool))) {
        throw new IllegalArgumentException(
            "route " + route.id() + " is there twice, or names no pool");
      }
    }
    if (listeners.stream().map(Listener::id).distinct().count() != listeners.size()) {
      throw new IllegalArgumentException("a listener is named twice");
    }
  }
}
