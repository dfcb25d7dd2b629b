package dev.understudy.admin;

import java.util.List;

/** Tells which way the requests of each route in force take; the root gives it. */
public interface RouteLanes {
  /** In the order in which routes are tried. */
  List<Lane> inForce();

  /**
   * One route; an element of the response of {@code GET /api/routes}.
   *
   * @param lane {@code express}: served by the front door itself; {@code gateway}: by Spring Cloud
   *     Gateway
   * @param why one sentence without a full stop
   */
  record Lane(String id, String lane, String why) {}
}
