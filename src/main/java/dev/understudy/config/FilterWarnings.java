package dev.understudy.config;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds filters that have no effect, or another than the intended one.
 *
 * <table>
 * <caption>Only certain cases are reported</caption>
 * <tr><td>{@code SetStatus}</td><td>on a route to a pool: the server executes the request</td></tr>
 * <tr><td>any filter</td><td>its condition has {@code client-address} of a network without its
 * mask</td></tr>
 * <tr><td>any filter</td><td>comes after one that ends every request</td></tr>
 * <tr><td>any filter</td><td>has {@code if} and a condition in an argument, as HAProxy's rules
 * have</td></tr>
 * <tr><td>filter of responses</td><td>comes before one that ends every request, in the same
 * list</td></tr>
 * </table>
 *
 * @param defaults the default filters
 * @param found gets what is found
 */
record FilterWarnings(List<RoutePart> defaults, Problems found) {
  private static final String OF_DEFAULTS = " of default-filters";

  void ofDefaults(MapNode root, List<RouteSpec> routes) {
    boolean pools = routes.stream().anyMatch(route -> route.pool() != null);
    for (int i = 0; i < defaults.size(); i++) {
      Node node = RouteWarnings.item(root, "default-filters", i);
      if (node != null) {
        filter(defaults.get(i), node, ending(defaults.subList(0, i)), pools);
        bypassed(defaults, i, node);
      }
    }
  }

  void ofRoute(PlacedRoute placed) {
    List<RoutePart> filters = placed.route().filters();
    for (int i = 0; i < filters.size(); i++) {
      Node node = RouteWarnings.item(placed.node(), "filters", i);
      if (node != null) {
        String own = ending(filters.subList(0, i));
        String before = endedByDefault(i);
        filter(filters.get(i), node, before == null ? own : before, placed.route().pool() != null);
        if (before == null) {
          bypassed(filters, i, node);
        }
      }
    }
  }

  private static @Nullable String ending(List<RoutePart> filters) {
    return filters.stream()
        .filter(FilterWarnings::isEnding)
        .map(RoutePart::name)
        .findFirst()
        .orElse(null);
  }

  private static boolean isEnding(RoutePart filter) {
    return filter.when() == null && FilterKind.of(filter).is(Trait.ENDING);
  }

  /**
   * The default filter that ends every request before a route's filter at that index; null if there
   * is none.
   *
   * @param index the index of the route's own filter, from 0
   */
  private @Nullable String endedByDefault(int index) {
    for (int i = 0; i < defaults.size(); i++) {
      RoutePart filter = defaults.get(i);
      if (isEnding(filter)) {
        // Ours come first; the Gateway's take turns with the routes' filters.
        boolean before = i <= index || FilterKind.of(filter).is(Trait.FIRST);
        return before ? filter.name() + OF_DEFAULTS : null;
      }
    }
    return null;
  }

  /**
   * Warns of a filter of responses that stands before one of the same list that ends every request.
   */
  private void bypassed(List<RoutePart> filters, int index, Node node) {
    String name = filters.get(index).name();
    String ends = ending(filters.subList(index, filters.size()));
    if (ends != null && FilterKind.of(name).is(Trait.SERVER_RESPONSE)) {
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
    if (filter.when() != null) {
      RouteWarnings.withoutMask(filter.when(), node, found);
    }
    FilterKind kind = FilterKind.of(filter);
    String hint = filter.when() == null ? ShortFormHint.ofCondition(node) : null;
    if (hint != null) {
      found.add(node, filter.name() + ": " + hint);
    }
    if (ends != null && !kind.is(Trait.OWN_ORDER)) {
      boolean acts = kind.is(Trait.GUARD) || kind.is(Trait.FIRST);
      boolean movable = acts && !ends.endsWith(OF_DEFAULTS);
      found.add(
          node,
          filter.name()
              + ": has no effect, as "
              + ends
              + " before it ends every request; "
              + (movable ? "put it before that, or remove it" : "remove it"));
    } else if (toPool && filter.name().equals("SetStatus") && filter.when() == null) {
      found.add(
          node,
          "SetStatus: a server executes the request, and only the status of its response is"
              + " changed; expected Deny=403 to refuse requests, or Respond=200, text to respond"
              + " with");
    }
  }
}
