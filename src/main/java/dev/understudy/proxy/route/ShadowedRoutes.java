package dev.understudy.proxy.route;

import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.route.NamePattern.End;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds routes that no request reaches because earlier routes match everything that they match, for
 * the operator: such a file is valid but not what was meant.
 *
 * <p>Exact where predicates are compiled, silent in doubt: a route shadows others only if all its
 * predicates are compiled, it has no condition and it is for all listeners, and a route counts as
 * shadowed only if a superset of what it matches is covered. For each of its hosts and paths the
 * methods of all earlier routes count together. Several patterns that only together cover one
 * ({@code /a/b} and {@code /a/c} for {@code /a/*}) are not detected.
 *
 * <p>A lookup descends one tree of path segments for each pattern that may cover a host: a table of
 * 10,000 routes costs milliseconds.
 */
public final class ShadowedRoutes {
  private static final NamePattern ANY_PATH = new NamePattern(List.of(), End.REST, true);

  private final List<RouteSpec> routes;
  private final NameTree<RoutesByMethod> anyHost = new NameTree<>();
  private final Map<NamePattern, NameTree<RoutesByMethod>> hosts = new HashMap<>();

  private ShadowedRoutes(List<RouteSpec> routes) {
    this.routes = routes;
  }

  /**
   * The ids of routes that can never match, each with the ids of the routes that take its requests;
   * with no ids for a route that contradicts itself.
   *
   * @param routes in the order of the file
   */
  public static Map<String, Set<String>> of(List<RouteSpec> routes) {
    return new ShadowedRoutes(
            routes.stream().sorted(Comparator.comparingInt(RouteSpec::order)).toList())
        .find();
  }

  private Map<String, Set<String>> find() {
    Map<String, Set<String>> found = new LinkedHashMap<>();
    for (int i = 0; i < routes.size(); i++) {
      RouteConditions when = RouteConditions.of(routes.get(i).predicates());
      Set<String> by = coveredBy(when);
      if (by != null) {
        found.put(routes.get(i).id(), by);
      } else if (when.why() == null && when.condition() == null && when.listeners().isEmpty()) {
        add(i, when);
      }
    }
    return found;
  }

  private void add(int index, RouteConditions when) {
    List<NameTree<RoutesByMethod>> places = new ArrayList<>();
    when.hosts().forEach(host -> places.add(hosts.computeIfAbsent(host, key -> new NameTree<>())));
    for (NameTree<RoutesByMethod> place : when.hosts().isEmpty() ? List.of(anyHost) : places) {
      for (NamePattern path : when.paths().isEmpty() ? List.of(ANY_PATH) : when.paths()) {
        place.put(path, index, RoutesByMethod::new).add(index, when.methods());
      }
    }
  }

  /**
   * The ids of the earlier routes that together cover these conditions; null if the route can
   * match, as far as is known.
   */
  private @Nullable Set<String> coveredBy(RouteConditions when) {
    Set<String> by = new LinkedHashSet<>();
    List<NamePattern> paths = when.paths().isEmpty() ? List.of(ANY_PATH) : when.paths();
    for (List<NameTree<RoutesByMethod>> places : placesOf(when)) {
      for (NamePattern path : paths) {
        RoutesByMethod first = new RoutesByMethod();
        places.forEach(place -> covering(place, path, 0, first));
        for (int method = 0; method < Methods.COUNT; method++) {
          if ((when.methods() & (1 << method)) != 0) {
            if (first.first(method) == NameTree.NONE) {
              return null;
            }
            by.add(routes.get(first.first(method)).id());
          }
        }
      }
    }
    return by;
  }

  /** For each host, the places of all patterns that cover it. */
  private List<List<NameTree<RoutesByMethod>>> placesOf(RouteConditions when) {
    if (when.hosts().isEmpty()) {
      return List.of(List.of(anyHost));
    }
    return when.hosts().stream().map(this::placesOf).toList();
  }

  private List<NameTree<RoutesByMethod>> placesOf(NamePattern host) {
    List<NameTree<RoutesByMethod>> places = new ArrayList<>(List.of(anyHost));
    if (host.exact()) {
      List<String> names = host.names();
      addPlace(host, places);
      for (int i = names.size(); i >= 0; i--) {
        addPlace(new NamePattern(names.subList(0, i), End.REST, true), places);
      }
      if (host.end() == End.HERE && !names.isEmpty()) {
        addPlace(new NamePattern(names.subList(0, names.size() - 1), End.ONE, true), places);
      }
    }
    return places;
  }

  private void addPlace(NamePattern host, List<NameTree<RoutesByMethod>> places) {
    NameTree<RoutesByMethod> place = hosts.get(host);
    if (place != null) {
      places.add(place);
    }
  }

  /**
   * Collects the first routes whose patterns cover this one.
   *
   * @param depth the number of the pattern's names that lead to the place
   */
  private static void covering(
      @Nullable NameTree<RoutesByMethod> place, NamePattern path, int depth, RoutesByMethod found) {
    if (place == null) {
      return;
    }
    found.add(place.rest);
    if (depth == path.names().size()) {
      switch (path.end()) {
        case HERE -> found.add(place.here);
        case ONE -> found.add(place.one);
        case REST -> {}
      }
      return;
    }
    if (depth == path.names().size() - 1 && path.end() == End.HERE) {
      found.add(place.one);
    }
    String name = path.names().get(depth);
    if (!name.equals(NamePattern.SOME)) {
      covering(place.at(name), path, depth + 1, found);
    }
    // A segment for which any name may stand is not empty.
    if (!name.isEmpty()) {
      covering(place.some, path, depth + 1, found);
    }
  }
}
