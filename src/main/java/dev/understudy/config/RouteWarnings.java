package dev.understudy.config;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.network.Networks;
import dev.understudy.pool.RoutePart;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds statements about routes that are probably not intended.
 *
 * <table>
 * <caption>Only certain cases are reported</caption>
 * <tr><td>route</td><td>no request reaches it</td></tr>
 * <tr><td>uri</td><td>has a path, which the Gateway drops</td></tr>
 * <tr><td>predicate</td><td>has an invisible character</td></tr>
 * <tr><td>client-address</td><td>of a network without its mask</td></tr>
 * <tr><td>filter</td><td>has no effect, or another than intended: {@link FilterWarnings}</td></tr>
 * </table>
 *
 * @param routes those that are enabled
 */
record RouteWarnings(List<PlacedRoute> routes, FilterWarnings filters, Problems found) {
  private static final int MOST_NAMED = 3;

  void warn(Map<String, ? extends Set<String>> shadowed) {
    for (PlacedRoute placed : routes) {
      uri(placed);
      predicates(placed);
      filters.ofRoute(placed);
      Set<String> by = shadowed.get(placed.route().id());
      if (by != null) {
        shadowed(placed.node(), by);
      }
    }
  }

  /** Warns of a path or query, because the Gateway uses only the scheme, host and port. */
  private void uri(PlacedRoute placed) {
    URI uri = URI.create(placed.route().uri());
    String path = uri.getRawPath();
    boolean more =
        (path != null && !path.isEmpty() && !path.equals("/")) || uri.getRawQuery() != null;
    if (more
        && uri.getHost() != null
        && RouteUri.WITH_HOST.contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
      Node node = placed.node().get("uri");
      if (node != null) {
        found.wrong(
            node,
            "a uri that ends with the host or its port: the Gateway drops the rest and keeps each"
                + " request's path (the filter PrefixPath adds a prefix)");
      }
    }
  }

  private void shadowed(MapNode route, Set<String> by) {
    Node predicates = route.get("predicates");
    Node at = predicates == null ? route : predicates;
    if (by.isEmpty()) {
      found.add(at, "never matches: its predicates exclude one another");
      return;
    }
    List<String> before =
        routes.stream()
            .filter(each -> by.contains(each.route().id()))
            .map(
                each ->
                    ProblemValue.quote(each.route().id()) + " in line " + each.node().at().line())
            .toList();
    boolean one = before.size() == 1;
    found.add(
        at,
        "never matches: "
            + (one ? "route " : "routes ")
            + String.join(", ", before.subList(0, Math.min(MOST_NAMED, before.size())))
            + (before.size() > MOST_NAMED ? " and others" : "")
            + (one ? " comes first and matches" : " come first and match")
            + " every request that this one matches; move this one up, or remove it");
  }

  private void predicates(PlacedRoute placed) {
    List<RoutePart> predicates = placed.route().predicates();
    for (int i = 0; i < predicates.size(); i++) {
      Node node = item(placed.node(), "predicates", i);
      if (node != null) {
        invisible(node);
        if (predicates.get(i).name().equals("When")) {
          predicates.get(i).args().values().forEach(each -> withoutMask(each, node, found));
        }
      }
      if (node != null && predicates.get(i).name().equals("Method")) {
        for (String method : predicates.get(i).args().values()) {
          ConfigWarnings.method(node, HttpMethods.unmatched(method), method, found);
        }
      }
    }
  }

  /** Warns of networks without their mask, each of which contains one address alone. */
  static void withoutMask(String condition, Node node, Problems found) {
    try {
      Condition.parse(condition)
          .withoutMask()
          .forEach(
              network ->
                  found.add(
                      node,
                      "client-address("
                          + network
                          + ") is a single address; expected a network with its mask, such as "
                          + Networks.withMask(network)
                          + ", or "
                          + Networks.alone(network)
                          + " for that address alone"));
    } catch (ExpressionException e) {
      throw new IllegalStateException("checked before", e);
    }
  }

  /** Warns of invisible characters, which no request matches. */
  private void invisible(Node node) {
    switch (node) {
      case ScalarNode scalar -> {
        if (!ProblemValue.invisible(scalar.text()).isEmpty()) {
          found.wrong(scalar, "visible characters only");
        }
      }
      case ListNode list -> list.items().forEach(this::invisible);
      case MapNode map -> map.entries().values().forEach(this::invisible);
    }
  }

  /** The item of the list {@code key} at that index; null if there is none. */
  static @Nullable Node item(MapNode map, String key, int index) {
    return map.get(key) instanceof ListNode list && index < list.items().size()
        ? list.items().get(index)
        : null;
  }
}
