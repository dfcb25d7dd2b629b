package dev.understudy.traffic;

import org.jspecify.annotations.Nullable;

/**
 * The route of a request, as the {@link TrafficListener} is told of it: its id, and a place for
 * what the listener would otherwise have to look for with each request.
 */
public interface MatchedRoute {
  /** As configured. */
  String id();

  /** What the listener left here; null: nothing yet. */
  default @Nullable Object kept() {
    return null;
  }

  /**
   * Leaves something here, for the one listener that there is. Any thread, without order: of two at
   * the same time one is kept, and it is published safely only if its fields are final, or read
   * under a lock. Where routes have no objects of their own nothing is kept.
   */
  default void keep(Object what) {}
}
