package dev.understudy.proxy.route;

import dev.understudy.pool.RoutePart;
import java.util.List;
import java.util.Set;

/**
 * Decides which default filters run before all of a route's own: those of ours that refuse,
 * redirect or respond, and {@code StrictTransportSecurity}, which applies to their responses. The
 * Gateway lets default filters and a route's own take turns, so that a route's first filter could
 * end a request before a second default filter had guarded it. All other filters keep their place
 * in the Gateway's order.
 *
 * <p>If a default filter has a condition or values of the request, it and all default filters
 * before it come first, in the written order: conditions see what the filters before have changed.
 */
public final class FilterOrder {
  private static final Set<String> FIRST =
      Set.of(
          "BasicAuth",
          "Deny",
          "RateLimit",
          "RedirectToHost",
          "RedirectToHttps",
          "RequireWebSocketUpgrade",
          "Respond",
          "StrictTransportSecurity");

  /** The Gateway's redirect, which ends every request: default filters after it have no effect. */
  private static final String ENDING = "RedirectTo";

  private FilterOrder() {}

  /**
   * Whether a default filter runs before all of a route's own.
   *
   * @param index the filter's position in {@code defaults}
   * @param variables names in braces that are the route's own
   */
  public static boolean isFirst(List<RoutePart> defaults, int index, Set<String> variables) {
    for (int i = defaults.size() - 1; i >= index; i--) {
      if (RuleCompiler.isRule(defaults.get(i), variables)) {
        return true;
      }
    }
    List<String> names = defaults.stream().map(RoutePart::name).toList();
    int ending = names.indexOf(ENDING);
    return FIRST.contains(names.get(index)) && (ending < 0 || index < ending);
  }

  /** Whether the filter is one of those that come first by themselves. */
  public static boolean isNamedFirst(RoutePart filter) {
    return FIRST.contains(filter.name());
  }
}
