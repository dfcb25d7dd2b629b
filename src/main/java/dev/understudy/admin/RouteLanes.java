package dev.understudy.admin;

import java.util.List;

/** The lane of each route in force; implemented in the root. */
public interface RouteLanes {
  /** The routes in the order in which they are tried. */
  List<Lane> inForce();

  /**
   * One route; an element of the response of {@code GET /api/routes}.
   *
   * @param lane {@code express}: served by the front itself; {@code gateway}: by Spring Cloud
   *     Gateway
   * @param why the reason, as one sentence without a full stop
   */
  record Lane(String id, String lane, String why) {}
}
