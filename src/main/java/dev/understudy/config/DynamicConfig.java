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
import java.util.stream.Stream;

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
  /**
   * What objects of a cluster add to a file: names that no file has, and routes of their own
   * listeners alone.
   */
  public record Addition(List<Pool> pools, List<RouteSpec> routes, List<Listener> listeners) {
    public static final Addition NONE = new Addition(List.of(), List.of(), List.of());

    public Addition {
      pools = List.copyOf(pools);
      routes = List.copyOf(routes);
      listeners = List.copyOf(listeners);
    }
  }

  /** Nothing at all. */
  public static final DynamicConfig EMPTY =
      new DynamicConfig(
          List.of(),
          List.of(),
          List.of(),
          ErrorPages.NONE,
          List.of(),
          DnsSettings.DEFAULT,
          Map.of());

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

  /** This file with what objects of a cluster add; the same if that is nothing. */
  public DynamicConfig with(Addition addition) {
    return addition.equals(Addition.NONE)
        ? this
        : new DynamicConfig(
            joined(pools, addition.pools()),
            defaultFilters,
            joined(routes, addition.routes()),
            errorPages,
            joined(listeners, addition.listeners()),
            dns,
            userFiles);
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
