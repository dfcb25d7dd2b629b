package dev.understudy.proxy.route;

import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.route.NamePattern.End;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final int NONE = Integer.MAX_VALUE;

  private final List<RouteSpec> routes;
  private final Place anyHost = new Place();
  private final Map<NamePattern, Place> hosts = new HashMap<>();

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
      Conditions when = Conditions.of(routes.get(i).predicates());
      Set<String> by = coveredBy(when);
      if (by != null) {
        found.put(routes.get(i).id(), by);
      } else if (when.why() == null && when.condition() == null && when.listeners().isEmpty()) {
        add(i, when);
      }
    }
    return found;
  }

  private void add(int index, Conditions when) {
    List<Place> places = new ArrayList<>();
    when.hosts().forEach(host -> places.add(hosts.computeIfAbsent(host, key -> new Place())));
    for (Place place : when.hosts().isEmpty() ? List.of(anyHost) : places) {
      for (NamePattern path : when.paths().isEmpty() ? List.of(ANY_PATH) : when.paths()) {
        place.descend(path.names()).add(path.end(), index, when.methods());
      }
    }
  }

  private static final NamePattern ANY_PATH = new NamePattern(List.of(), End.REST, true);

  /**
   * The ids of the earlier routes that together cover these conditions; null if the route can
   * match, as far as is known.
   */
  private @Nullable Set<String> coveredBy(Conditions when) {
    Set<String> by = new LinkedHashSet<>();
    List<NamePattern> paths = when.paths().isEmpty() ? List.of(ANY_PATH) : when.paths();
    for (List<Place> places : placesOf(when)) {
      for (NamePattern path : paths) {
        int[] first = new int[Methods.COUNT];
        Arrays.fill(first, NONE);
        places.forEach(place -> place.covering(path, 0, first));
        for (int method = 0; method < first.length; method++) {
          if ((when.methods() & (1 << method)) != 0) {
            if (first[method] == NONE) {
              return null;
            }
            by.add(routes.get(first[method]).id());
          }
        }
      }
    }
    return by;
  }

  /** For each host, the places of all patterns that cover it. */
  private List<List<Place>> placesOf(Conditions when) {
    if (when.hosts().isEmpty()) {
      return List.of(List.of(anyHost));
    }
    return when.hosts().stream().map(this::placesOf).toList();
  }

  private List<Place> placesOf(NamePattern host) {
    List<Place> places = new ArrayList<>(List.of(anyHost));
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

  private void addPlace(NamePattern host, List<Place> places) {
    Place place = hosts.get(host);
    if (place != null) {
      places.add(place);
    }
  }

  /** A place in a tree of path segments: the first route for each method, by what may follow. */
  private static final class Place {
    private final Map<String, Place> below = new HashMap<>();
    private final Map<End, int[]> first = new HashMap<>();

    Place descend(List<String> names) {
      Place place = this;
      for (String name : names) {
        place = place.below.computeIfAbsent(name, key -> new Place());
      }
      return place;
    }

    void add(End end, int index, int methods) {
      int[] ours = first.computeIfAbsent(end, key -> filled());
      for (int i = 0; i < ours.length; i++) {
        if ((methods & (1 << i)) != 0) {
          ours[i] = Math.min(ours[i], index);
        }
      }
    }

    private static int[] filled() {
      int[] none = new int[Methods.COUNT];
      Arrays.fill(none, NONE);
      return none;
    }

    /**
     * Collects the first routes whose patterns cover this one.
     *
     * @param depth the number of the pattern's names that lead here
     */
    void covering(NamePattern path, int depth, int[] found) {
      List<String> names = path.names();
      take(End.REST, found);
      if (depth == names.size()) {
        if (path.end() != End.REST) {
          take(path.end(), found);
        }
        return;
      }
      if (depth == names.size() - 1 && path.end() == End.HERE) {
        take(End.ONE, found);
      }
      follow(names.get(depth), path, depth, found);
      // A segment for which any name may stand is not empty.
      if (!names.get(depth).isEmpty() && !names.get(depth).equals(NamePattern.SOME)) {
        follow(NamePattern.SOME, path, depth, found);
      }
    }

    private void follow(String name, NamePattern path, int depth, int[] found) {
      Place next = below.get(name);
      if (next != null) {
        next.covering(path, depth + 1, found);
      }
    }

    private void take(End end, int[] found) {
      int[] ours = first.get(end);
      for (int i = 0; ours != null && i < ours.length; i++) {
        found[i] = Math.min(found[i], ours[i]);
      }
    }
  }
}
