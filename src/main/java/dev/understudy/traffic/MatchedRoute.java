package dev.understudy.traffic;

import org.jspecify.annotations.Nullable;

/**
 * The route of a request: its id, and a place for the {@link TrafficListener}'s statistics, which
 * it would otherwise have to look up for each request.
 */
public interface MatchedRoute {
  /** As configured. */
  String id();

  /** What the listener left here; null: nothing yet. */
  default @Nullable RouteStatistics statistics() {
    return null;
  }

  /**
   * Leaves statistics here, for the one listener that there is. Any thread, without order: of two
   * at the same time one is kept, and it is published safely only if its fields are final, or read
   * under a lock. Routes without objects of their own keep nothing.
   */
  default void keep(RouteStatistics statistics) {}
}
