package dev.understudy.config;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a good file says that is hardly meant: it is applied as it stands, and the operator is told.
 *
 * <table>
 * <caption>Only what is certain; silent in doubt</caption>
 * <tr><td>route</td><td>no request reaches it</td></tr>
 * <tr><td>pool</td><td>no route leads to it, not even a disabled one</td></tr>
 * <tr><td>server</td><td>has the address of another one of its pool</td></tr>
 * <tr><td>predicate</td><td>has a character that nobody sees</td></tr>
 * <tr><td>method</td><td>is not registered, or is none that a predicate can match</td></tr>
 * <tr><td>{@code SetStatus}</td><td>on a route to a pool: the server executes the request</td></tr>
 * <tr><td>filter</td><td>stands after one that ends every request</td></tr>
 * </table>
 */
final class Warnings {
  /** Filters that answer every request themselves. */
  private static final Set<String> ENDING = Set.of("Deny", "Respond", "RedirectTo");

  /** The Gateway's filters that have an order of their own, wherever they stand. */
  private static final Set<String> WITH_OWN_ORDER =
      Set.of(
          "JsonToGrpc",
          "LocalResponseCache",
          "ModifyResponseBody",
          "RemoveJsonAttributesResponseBody",
          "RequestHeaderToRequestUri",
          "SetRequestUri");

  private static final String SET_STATUS = "SetStatus";

  private static final int MOST_NAMED = 3;

  /** A route in use, and where it stands. */
  record Placed(RouteSpec route, MapNode node) {}

  private final MapNode root;
  private final GatewayConfig config;
  private final List<Placed> routes;
  private final Problems found;

  private Warnings(String file, MapNode root, GatewayConfig config, List<Placed> routes) {
    this.root = root;
    this.config = config;
    this.routes = routes;
    this.found = new Problems(file);
  }

  /**
   * Those of a file without problems, in its order.
   *
   * @param root its tree, of which {@code config} was made
   */
  static List<Problem> of(
      String file, MapNode root, GatewayConfig config, List<Placed> routes, RouteChecker checker) {
    Warnings warnings = new Warnings(file, root, config, routes);
    warnings.pools();
    warnings.defaultFilters();
    warnings.routes(checker.shadowed(config.routes()));
    return warnings.found.inOrder();
  }

  private void pools() {
    MapNode pools = root.map("pools");
    Set<String> used = usedUris();
    for (Pool pool : config.pools()) {
      String name = pool.id().value();
      MapNode node = pools == null ? null : pools.map(name);
      if (node == null) {
        continue;
      }
      if (!used.contains(RouteSpec.POOL_SCHEME + "://" + name)) {
        found.add(
            node,
            "no route leads to this pool: add one with uri pool://" + name + ", or remove it");
      }
      servers(pool, node.map("servers"));
      methods(node);
    }
  }

  /** Also those of disabled routes, of which only the text is known. */
  private Set<String> usedUris() {
    Set<String> used = new HashSet<>();
    config.routes().forEach(route -> used.add(route.uri().toString()));
    if (root.get("routes") instanceof ListNode list) {
      for (Node each : list.items()) {
        if (each instanceof MapNode route && route.get("uri") instanceof ScalarNode uri) {
          used.add(uri.text());
        }
      }
    }
    return used;
  }

  private void servers(Pool pool, @Nullable MapNode nodes) {
    Map<String, Server> known = new HashMap<>();
    for (Server server : pool.servers()) {
      Server first = known.putIfAbsent(ServerUrl.normal(server.address()), server);
      MapNode node = nodes == null ? null : nodes.map(server.id().value());
      MapNode other = first == null || nodes == null ? null : nodes.map(first.id().value());
      Node url = node == null ? null : node.get("url");
      if (first != null && url != null && other != null) {
        found.wrong(
            url,
            "another address than that of server "
                + Found.quote(first.id().value())
                + " in line "
                + other.at().line()
                + ", which fails together with this one");
      }
    }
  }

  private void methods(MapNode pool) {
    MapNode health = pool.map("health");
    if (health != null && health.get("method") instanceof ScalarNode method) {
      method(method);
    }
    MapNode retry = pool.map("retry");
    if (retry != null && retry.get("methods") instanceof ListNode methods) {
      methods.items().forEach(this::method);
    }
  }

  private void method(Node node) {
    if (node instanceof ScalarNode scalar && !Placeholders.isIn(scalar.text())) {
      say(node, HttpMethods.unknown(scalar.text()), scalar.text());
    }
  }

  private void defaultFilters() {
    List<NamedArgs> filters = config.defaultFilters();
    String ends = null;
    boolean pools = config.routes().stream().anyMatch(route -> route.pool() != null);
    for (int i = 0; i < filters.size(); i++) {
      Node node = item(root, "default-filters", i);
      if (node != null) {
        filter(filters.get(i), node, ends, pools);
      }
      ends = ends == null && ENDING.contains(filters.get(i).name()) ? filters.get(i).name() : ends;
    }
  }

  private void routes(Map<String, ? extends Set<String>> shadowed) {
    for (Placed placed : routes) {
      predicates(placed);
      filters(placed);
      Set<String> by = shadowed.get(placed.route().id());
      if (by != null) {
        shadowed(placed.node(), by);
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
            .map(each -> Found.quote(each.route().id()) + " in line " + each.node().at().line())
            .toList();
    boolean one = before.size() == 1;
    found.add(
        at,
        "never matches: "
            + (one ? "route " : "routes ")
            + String.join(", ", before.subList(0, Math.min(MOST_NAMED, before.size())))
            + (before.size() > MOST_NAMED ? " and others" : "")
            + (one ? " comes first and matches" : " come first and match")
            + " every request that it matches; put it before, or remove it");
  }

  private void predicates(Placed placed) {
    List<NamedArgs> predicates = placed.route().predicates();
    for (int i = 0; i < predicates.size(); i++) {
      Node node = item(placed.node(), "predicates", i);
      if (node != null) {
        invisible(node);
      }
      if (node != null && predicates.get(i).name().equals("Method")) {
        for (String method : predicates.get(i).args().values()) {
          say(node, HttpMethods.unmatched(method), method);
        }
      }
    }
  }

  /** What nobody sees in a pattern no request has. */
  private void invisible(Node node) {
    switch (node) {
      case ScalarNode scalar -> {
        if (!Found.invisible(scalar.text()).isEmpty()) {
          found.wrong(scalar, "visible characters only");
        }
      }
      case ListNode list -> list.items().forEach(this::invisible);
      case MapNode map -> map.entries().values().forEach(this::invisible);
    }
  }

  private void filters(Placed placed) {
    List<NamedArgs> filters = placed.route().filters();
    for (int i = 0; i < filters.size(); i++) {
      Node node = item(placed.node(), "filters", i);
      if (node != null) {
        filter(filters.get(i), node, endedBefore(filters, i), placed.route().pool() != null);
      }
    }
  }

  /** Default filters and a route's own take turns: the first of each, the second of each, … */
  private @Nullable String endedBefore(List<NamedArgs> own, int index) {
    List<NamedArgs> defaults = config.defaultFilters();
    for (int i = 0; i <= index; i++) {
      if (i < defaults.size() && ENDING.contains(defaults.get(i).name())) {
        return defaults.get(i).name() + " of default-filters";
      }
      if (i < index && ENDING.contains(own.get(i).name())) {
        return own.get(i).name();
      }
    }
    return null;
  }

  /**
   * Says what is odd about one filter.
   *
   * @param ends the filter before it that ends every request; null: none does
   */
  private void filter(NamedArgs filter, Node node, @Nullable String ends, boolean toPool) {
    if (ends != null && !WITH_OWN_ORDER.contains(filter.name())) {
      found.add(
          node,
          filter.name()
              + ": has no effect, as "
              + ends
              + " before it ends every request; put it before that, or remove it");
    } else if (toPool && filter.name().equals(SET_STATUS)) {
      found.add(
          node,
          "SetStatus: a server executes the request, and only the status of its response is"
              + " changed; expected Deny=403 to refuse requests, or Respond=200, text to answer");
    }
  }

  private void say(Node node, @Nullable String what, String method) {
    if (what != null) {
      boolean resolved = node instanceof ScalarNode scalar && Placeholders.isIn(scalar.text());
      found.add(node.at(), node.path(), resolved ? null : Found.quote(method), what);
    }
  }

  private static @Nullable Node item(MapNode map, String key, int index) {
    return map.get(key) instanceof ListNode list && index < list.items().size()
        ? list.items().get(index)
        : null;
  }
}
