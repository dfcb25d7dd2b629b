package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds filters that have no effect, or another than the intended one.
 *
 * <table>
 * <caption>Only certain cases are reported</caption>
 * <tr><td>{@code SetStatus}</td><td>on a route to a pool: the server executes the request</td></tr>
 * <tr><td>any filter</td><td>comes after one that ends every request</td></tr>
 * <tr><td>filter of responses</td><td>comes before one that ends every request, in the same
 * list</td></tr>
 * </table>
 */
final class FilterWarnings {
  /** Filters that respond to every request themselves. */
  private static final Set<String> ENDING =
      Set.of("Deny", "Redirect", "RedirectTo", "Reject", "Respond", "Tarpit");

  /**
   * The only filter of {@link #ENDING} from the Gateway. As a default filter it is interleaved with
   * the routes' filters; ours come first.
   */
  private static final String INTERLEAVED = "RedirectTo";

  /** Filters that have an effect before a filter that ends every request. */
  private static final Set<String> GUARDS =
      Set.of(
          "BasicAuth",
          "Deny",
          "RateLimit",
          "Redirect",
          "RedirectTo",
          "RedirectToHost",
          "RedirectToHttps",
          "Reject",
          "RequestHeaderSize",
          "RequestSize",
          "RequireWebSocketUpgrade",
          "Respond",
          "StrictTransportSecurity",
          "Tarpit");

  /**
   * Filters that wait for a server's response; a local response is sent before they could change
   * it.
   */
  private static final Set<String> OF_RESPONSES =
      Set.of(
          "AddResponseHeader",
          "Compress",
          "DedupeResponseHeader",
          "RemoveResponseHeader",
          "ReplaceResponseHeader",
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

  private final List<RoutePart> defaults;
  private final Problems found;

  /**
   * Creates an object that adds what it finds to {@code found}.
   *
   * @param defaults the default filters
   */
  FilterWarnings(List<RoutePart> defaults, Problems found) {
    this.defaults = defaults;
    this.found = found;
  }

  void ofDefaults(MapNode root, List<RouteSpec> routes) {
    boolean pools = routes.stream().anyMatch(route -> route.pool() != null);
    for (int i = 0; i < defaults.size(); i++) {
      Node node = Warnings.item(root, "default-filters", i);
      if (node != null) {
        filter(defaults.get(i), node, ending(defaults.subList(0, i)), pools);
        bypassed(defaults, i, node);
      }
    }
  }

  void ofRoute(Warnings.Placed placed) {
    List<RoutePart> filters = placed.route().filters();
    for (int i = 0; i < filters.size(); i++) {
      Node node = Warnings.item(placed.node(), "filters", i);
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
        .filter(filter -> filter.when() == null)
        .map(RoutePart::name)
        .filter(ENDING::contains)
        .findFirst()
        .orElse(null);
  }

  /**
   * The default filter that ends every request before a route's filter at that index; null if there
   * is none.
   *
   * @param index the index of the route's own filter, from 0
   */
  private @Nullable String endedByDefault(int index) {
    for (int i = 0; i < defaults.size(); i++) {
      String name = defaults.get(i).name();
      if (ENDING.contains(name) && defaults.get(i).when() == null) {
        return i <= index || !name.equals(INTERLEAVED) ? name + OF_DEFAULTS : null;
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
    } else if (toPool && filter.name().equals(SET_STATUS) && filter.when() == null) {
      found.add(
          node,
          "SetStatus: a server executes the request, and only the status of its response is"
              + " changed; expected Deny=403 to refuse requests, or Respond=200, text to respond"
              + " with");
    }
  }
}
