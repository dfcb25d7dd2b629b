package dev.understudy.reload;

import dev.understudy.pool.Disclosure;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.text.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The routes in force as texts, for display. Values of arguments that may hold secrets are replaced
 * by {@value Disclosure#MASK}. Thread-safe.
 */
public final class RouteListing {
  /** One route. */
  public record Shown(@Nullable String pool, List<String> predicates, List<String> filters) {
    static final Shown UNKNOWN = new Shown(null, List.of(), List.of());

    public Shown {
      predicates = List.copyOf(predicates);
      filters = List.copyOf(filters);
    }
  }

  private static final int MAX_VALUE = 200;

  private volatile Map<String, RouteSpec> routes = Map.of();
  private volatile List<String> defaultFilters = List.of();

  /** Takes the routes that came into force. */
  public void use(List<RouteSpec> inForce, List<RoutePart> defaults) {
    Map<String, RouteSpec> byId = new HashMap<>();
    inForce.forEach(route -> byId.put(route.id(), route));
    routes = Map.copyOf(byId);
    defaultFilters = defaults.stream().map(RouteListing::text).toList();
  }

  /** The route with that id; without any parts if there is none. */
  public Shown of(String id) {
    RouteSpec route = routes.get(id);
    if (route == null) {
      return Shown.UNKNOWN;
    }
    PoolId pool = route.pool();
    List<String> filters = new ArrayList<>(defaultFilters);
    route.filters().forEach(filter -> filters.add(text(filter)));
    return new Shown(
        pool == null ? null : pool.value(),
        route.predicates().stream().map(RouteListing::text).toList(),
        filters);
  }

  /** The part as {@link Disclosure} lets it be shown, with its values cut. */
  static String text(RoutePart part) {
    Map<String, String> cut = new LinkedHashMap<>();
    part.args().forEach((name, value) -> cut.put(name, Words.cut(value, MAX_VALUE)));
    String when = part.when();
    return Disclosure.text(
        new RoutePart(part.name(), cut, when == null ? null : Words.cut(when, MAX_VALUE)));
  }
}
