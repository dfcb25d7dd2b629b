package dev.understudy.proxy.route;

/**
 * The lane that a route got.
 *
 * @param express whether its requests skip the Gateway
 * @param why for the operator; one sentence without a full stop
 */
public record RouteLane(String id, boolean express, String why) {
  /** {@code express} or {@code gateway}. */
  public String name() {
    return express ? "express" : "gateway";
  }
}
