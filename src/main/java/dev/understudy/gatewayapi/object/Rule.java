package dev.understudy.gatewayapi.object;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule of a route.
 *
 * @param name null if it has none
 * @param matches of which one must hold; at least one
 * @param requestTimeout for a request as a whole; null for none
 * @param backendTimeout for each attempt; null for none
 */
public record Rule(
    @Nullable String name,
    List<Match> matches,
    List<RouteFilter> filters,
    List<BackendRef> backends,
    @Nullable Duration requestTimeout,
    @Nullable Duration backendTimeout) {
  /**
   * A backend of a rule.
   *
   * @param weight its share among the rule's backends
   */
  public record BackendRef(Reference to, int weight, List<RouteFilter> filters) {
    public BackendRef {
      filters = List.copyOf(filters);
    }
  }

  public Rule {
    matches = List.copyOf(matches);
    filters = List.copyOf(filters);
    backends = List.copyOf(backends);
  }
}
