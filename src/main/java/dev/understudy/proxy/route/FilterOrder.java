package dev.understudy.proxy.route;

import java.util.List;
import java.util.Set;

/**
 * Decides which default filters run before all of a route's own: those of ours that refuse,
 * redirect or respond, and {@code StrictTransportSecurity}, which applies to their responses. The
 * Gateway lets default filters and a route's own take turns, so that a route's first filter could
 * end a request before a second default filter had guarded it. All other filters keep their place
 * in the Gateway's order.
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
   * @param defaults the names of all default filters
   * @param index the filter's position in {@code defaults}
   */
  public static boolean isFirst(List<String> defaults, int index) {
    int ending = defaults.indexOf(ENDING);
    return FIRST.contains(defaults.get(index)) && (ending < 0 || index < ending);
  }
}
