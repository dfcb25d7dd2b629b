package dev.understudy.proxy.route;

/**
 * The lane of a route.
 *
 * @param express whether its requests skip the Gateway
 * @param why the reason for the operator; one sentence without a full stop
 */
public record RouteLane(String id, boolean express, String why) {
  /** The lane's name: {@code express} or {@code gateway}. */
  public String name() {
    return express ? "express" : "gateway";
  }
}
