package dev.understudy.reload;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The routes in force in words, for display. Values of arguments that may hold secrets, such as
 * those of header fields, are replaced by {@value #HIDDEN}. Thread-safe.
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

  static final String HIDDEN = "***";
  private static final int MAX_VALUE = 200;

  /** Predicates and filters whose arguments cannot be secrets. */
  private static final Set<String> OPEN =
      Set.of(
          "After",
          "Before",
          "Between",
          "Host",
          "Method",
          "Path",
          "RemoteAddr",
          "Weight",
          "XForwardedRemoteAddr",
          "Deny",
          "MapRequestHeader",
          "PrefixPath",
          "PreferServer",
          "RedirectTo",
          "RedirectToHost",
          "RedirectToHttps",
          "RemoveRequestHeader",
          "RemoveRequestParameter",
          "RemoveResponseHeader",
          "RequestHeaderSize",
          "RequestSize",
          "RequireWebSocketUpgrade",
          "RewritePath",
          "SetPath",
          "SetStatus",
          "StrictTransportSecurity",
          "StripPrefix");

  /** Names of arguments that name something themselves. */
  private static final Set<String> NAMES =
      Set.of("name", "header", "headerName", "param", "cookie", "status", "statusCode", "regexp");

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

  /**
   * The part as the file would say it: {@code Path=/a,/b}, or with names {@code Path=pattern:/a}.
   */
  static String text(RoutePart part) {
    if (part.args().isEmpty()) {
      return part.name();
    }
    List<String> values = new ArrayList<>();
    part.args()
        .forEach(
            (key, value) -> {
              boolean generated = RoutePart.isGenerated(key);
              boolean open =
                  OPEN.contains(part.name())
                      || (generated ? key.equals(RoutePart.generatedKey(0)) : NAMES.contains(key));
              String shown = open ? cut(value) : HIDDEN;
              values.add(generated ? shown : key + ":" + shown);
            });
    return part.name() + "=" + String.join(",", values);
  }

  private static String cut(String value) {
    return value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE - 1) + "…";
  }
}
