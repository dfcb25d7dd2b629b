package dev.understudy.traffic;

import org.jspecify.annotations.Nullable;

/**
 * The route of a request: its id, and a place for the {@link TrafficListener}'s statistics, which
 * saves the listener a lookup for each request.
 */
public interface MatchedRoute {
  /** The id as configured. */
  String id();

  /** The statistics that the listener stored; null if none yet. */
  default @Nullable RouteStatistics statistics() {
    return null;
  }

  /**
   * Stores statistics, for the one listener that exists. Callable from any thread, without order:
   * of two concurrent calls one wins, and the object is published safely only if its fields are
   * final, or read under a lock. Routes without objects of their own store nothing.
   */
  default void keep(RouteStatistics statistics) {}
}
