package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.translate.RouteBackends.OrderedRoute;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The order of all routes: a request belongs to the listener with the most specific host that
 * matches, and to no other. So the routes of a host come before those of less specific ones, and
 * end with one that responds 404 to all else of that host.
 */
final class RouteOrder {
  /** Before any route of the file: one for all listeners takes no request of these. */
  static final int ORDER = Integer.MIN_VALUE;

  private static final int NOT_FOUND = 404;

  /** The host of a listener, the most specific first. */
  private record Host(@Nullable String name) implements Comparable<Host> {
    private static final Comparator<Host> ORDER =
        Comparator.comparingInt((Host each) -> Precedence.specificity(each.name()))
            .thenComparing(each -> String.valueOf(each.name()));

    @Override
    public int compareTo(Host other) {
      return ORDER.compare(this, other);
    }
  }

  private RouteOrder() {}

  /**
   * The routes in the order in which they are tried.
   *
   * @param listeners all that serve, of any protocol; those of HTTP get their last routes
   * @param routes of all that are attached to them
   */
  static List<RouteSpec> of(Collection<BoundListener> listeners, Collection<OrderedRoute> routes) {
    Map<String, Map<Host, List<OrderedRoute>>> ports = new TreeMap<>();
    for (BoundListener each : listeners) {
      if (!ListenerMode.of(each.entry()).relays()) {
        hosts(ports, each.id()).putIfAbsent(new Host(each.hostname()), new ArrayList<>());
        hosts(ports, each.id()).putIfAbsent(new Host(null), new ArrayList<>());
      }
    }
    for (OrderedRoute each : routes) {
      hosts(ports, each.listener().id())
          .computeIfAbsent(new Host(each.listener().hostname()), host -> new ArrayList<>())
          .add(each);
    }
    List<RouteSpec> all = new ArrayList<>();
    ports.forEach(
        (port, hosts) ->
            hosts.forEach(
                (host, of) -> {
                  of.stream()
                      .sorted(Comparator.comparing(OrderedRoute::precedence))
                      .forEach(each -> all.add(each.route()));
                  all.add(notFound(port, host.name()));
                }));
    return all;
  }

  private static Map<Host, List<OrderedRoute>> hosts(
      Map<String, Map<Host, List<OrderedRoute>>> ports, String port) {
    return ports.computeIfAbsent(port, id -> new TreeMap<>());
  }

  private static RouteSpec notFound(String port, @Nullable String host) {
    List<RoutePart> filters = List.of(RouteRules.deny(NOT_FOUND, null));
    return new RouteSpec(
        port + (host == null ? "" : "." + host) + ".404",
        RouteSpec.NOWHERE + "op",
        ORDER,
        MatchPredicates.of(port, host),
        filters,
        Map.of());
  }
}
