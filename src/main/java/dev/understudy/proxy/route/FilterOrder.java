package dev.understudy.proxy.route;

import java.util.List;
import java.util.Set;

/**
 * Which default filters come before any of a route's own: ours that refuse, redirect or respond,
 * and {@code StrictTransportSecurity}, which dresses such a response. The Gateway lets default
 * filters and a route's own take turns, so that a route's first filter could end a request before a
 * second default filter had guarded it. All others keep the place that the Gateway gives them.
 */
public final class FilterOrder {
  private static final Set<String> FIRST =
      Set.of(
          "Deny",
          "RedirectToHost",
          "RedirectToHttps",
          "RequireWebSocketUpgrade",
          "Respond",
          "StrictTransportSecurity");

  /** The Gateway's, which ends every request: default filters after it have no effect. */
  private static final String ENDING = "RedirectTo";

  private FilterOrder() {}

  /**
   * Whether a default filter comes before any of a route's own.
   *
   * @param defaults the names of all default filters
   */
  public static boolean isFirst(List<String> defaults, int index) {
    int ending = defaults.indexOf(ENDING);
    return FIRST.contains(defaults.get(index)) && (ending < 0 || index < ending);
  }
}
