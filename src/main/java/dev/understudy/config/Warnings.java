package dev.understudy.config;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.Server;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds statements of a valid file that are probably not intended. The file is applied as it is,
 * and the operator is warned.
 *
 * <table>
 * <caption>Only certain cases are reported</caption>
 * <tr><td>route</td><td>no request reaches it</td></tr>
 * <tr><td>pool</td><td>no route leads to it, not even a disabled one</td></tr>
 * <tr><td>server</td><td>has the address of another one of its pool</td></tr>
 * <tr><td>uri</td><td>has a path, which the Gateway drops</td></tr>
 * <tr><td>predicate</td><td>has an invisible character</td></tr>
 * <tr><td>method</td><td>is not registered, or cannot be matched by a predicate</td></tr>
 * <tr><td>{@code SetStatus}</td><td>on a route to a pool: the server executes the request</td></tr>
 * <tr><td>filter</td><td>comes after one that ends every request, or before it if it changes
 * only servers' responses</td></tr>
 * </table>
 */
final class Warnings {
  /** Filters that respond to every request themselves. */
  private static final Set<String> ENDING = Set.of("Deny", "Respond", "RedirectTo");

  /**
   * The only filter of {@link #ENDING} from the Gateway. As a default filter it is interleaved with
   * the routes' filters; ours come first.
   */
  private static final String TAKES_TURNS = "RedirectTo";

  /** Filters that have an effect before a filter that ends every request. */
  private static final Set<String> GUARDS =
      Set.of(
          "Deny",
          "RedirectTo",
          "RedirectToHost",
          "RedirectToHttps",
          "RequestHeaderSize",
          "RequestSize",
          "RequireWebSocketUpgrade",
          "Respond",
          "StrictTransportSecurity");

  /**
   * Filters that wait for a server's response; a local response is sent before they could change
   * it.
   */
  private static final Set<String> OF_RESPONSES =
      Set.of(
          "AddResponseHeader",
          "DedupeResponseHeader",
          "RemoveResponseHeader",
          "RewriteLocationResponseHeader",
          "RewriteResponseHeader",
          "SecureHeaders",
          "SetResponseHeader",
          "SetStatus");

  /** Filters of the Gateway with an order of their own, independent of their position. */
  private static final Set<String> WITH_OWN_ORDER =
      Set.of(
          "JsonToGrpc",
          "LocalResponseCache",
          "ModifyResponseBody",
          "RemoveJsonAttributesResponseBody",
          "RequestHeaderToRequestUri",
          "SetRequestUri");

  private static final String OF_DEFAULTS = " of default-filters";

  private static final String SET_STATUS = "SetStatus";

  private static final int MOST_NAMED = 3;

  /** A route, its node in the file, and whether it is enabled. */
  record Placed(RouteSpec route, MapNode node, boolean enabled) {}

  private final MapNode root;
  private final GatewayConfig config;
  private final List<Placed> routes;

  /** The pools of all routes, disabled ones included. */
  private final Set<PoolId> usedPools;

  private final Problems found;

  private Warnings(String file, MapNode root, GatewayConfig config, List<Placed> routes) {
    this.root = root;
    this.config = config;
    this.routes = routes.stream().filter(Placed::enabled).toList();
    this.usedPools =
        routes.stream()
            .flatMap(each -> Stream.ofNullable(each.route().pool()))
            .collect(Collectors.toSet());
    this.found = new Problems(file);
  }

  /**
   * Returns the warnings of a file without problems, in the file's order.
   *
   * @param root the tree from which {@code config} was read
   * @param routes all routes, disabled ones included
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
    for (Pool pool : config.pools()) {
      String name = pool.id().value();
      MapNode node = pools == null ? null : pools.map(name);
      if (node == null) {
        continue;
      }
      if (!usedPools.contains(pool.id())) {
        found.add(
            node,
            "no route leads to this pool: add one with uri pool://" + name + ", or remove it");
      }
      servers(pool, node.map("servers"));
      methods(node);
    }
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
            "an address other than that of server "
                + Found.quote(first.id().value())
                + " in line "
                + other.at().line()
                + ": both fail together");
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
    List<RoutePart> filters = config.defaultFilters();
    boolean pools = config.routes().stream().anyMatch(route -> route.pool() != null);
    for (int i = 0; i < filters.size(); i++) {
      Node node = item(root, "default-filters", i);
      if (node != null) {
        filter(filters.get(i), node, ending(filters.subList(0, i)), pools);
        unseen(filters, i, node);
      }
    }
  }

  private static @Nullable String ending(List<RoutePart> filters) {
    return filters.stream().map(RoutePart::name).filter(ENDING::contains).findFirst().orElse(null);
  }

  private void routes(Map<String, ? extends Set<String>> shadowed) {
    for (Placed placed : routes) {
      uri(placed);
      predicates(placed);
      filters(placed);
      Set<String> by = shadowed.get(placed.route().id());
      if (by != null) {
        shadowed(placed.node(), by);
      }
    }
  }

  /** Warns of a path or query, because the Gateway uses only the scheme, host and port. */
  private void uri(Placed placed) {
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
    List<RoutePart> predicates = placed.route().predicates();
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

  /** Warns of invisible characters, which no request matches. */
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
    List<RoutePart> filters = placed.route().filters();
    for (int i = 0; i < filters.size(); i++) {
      Node node = item(placed.node(), "filters", i);
      if (node != null) {
        String own = ending(filters.subList(0, i));
        String before = endedByDefault(i);
        filter(filters.get(i), node, before == null ? own : before, placed.route().pool() != null);
        if (before == null) {
          unseen(filters, i, node);
        }
      }
    }
  }

  /**
   * The default filter that ends every request before a route's filter at that index; null if there
   * is none.
   *
   * @param index the index of the route's own filter, from 0
   */
  private @Nullable String endedByDefault(int index) {
    List<RoutePart> defaults = config.defaultFilters();
    for (int i = 0; i < defaults.size(); i++) {
      String name = defaults.get(i).name();
      if (ENDING.contains(name)) {
        return i <= index || !name.equals(TAKES_TURNS) ? name + OF_DEFAULTS : null;
      }
    }
    return null;
  }

  /**
   * Warns of a filter of responses that stands before one of the same list that ends every request.
   */
  private void unseen(List<RoutePart> filters, int index, Node node) {
    String name = filters.get(index).name();
    String ends = ending(filters.subList(index, filters.size()));
    if (ends != null && OF_RESPONSES.contains(name)) {
      found.add(
          node,
          name
              + ": has no effect, as it changes only responses of servers, and "
              + ends
              + " after it ends every request; remove it");
    }
  }

  /**
   * Warns of one filter without the intended effect.
   *
   * @param ends the earlier filter that ends every request; null if there is none
   */
  private void filter(RoutePart filter, Node node, @Nullable String ends, boolean toPool) {
    if (ends != null && !WITH_OWN_ORDER.contains(filter.name())) {
      boolean movable = GUARDS.contains(filter.name()) && !ends.endsWith(OF_DEFAULTS);
      found.add(
          node,
          filter.name()
              + ": has no effect, as "
              + ends
              + " before it ends every request; "
              + (movable ? "put it before that, or remove it" : "remove it"));
    } else if (toPool && filter.name().equals(SET_STATUS)) {
      found.add(
          node,
          "SetStatus: a server executes the request, and only the status of its response is"
              + " changed; expected Deny=403 to refuse requests, or Respond=200, text to respond to"
              + " them");
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
