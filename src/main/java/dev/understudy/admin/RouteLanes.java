package dev.understudy.admin;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes in force, each with its lane; implemented in {@code application}. */
public interface RouteLanes {
  /** The routes in the order in which they are tried. */
  List<Lane> inForce();

  /** Requests per second by route, of those that had any; see {@link Lane#requestsPerSecond}. */
  Map<String, Double> rates();

  /**
   * One route; an element of the response of {@code GET /api/routes}.
   *
   * @param lane {@code express}: served by the front itself; {@code gateway}: by Spring Cloud
   *     Gateway
   * @param why the reason, as one sentence without a full stop
   * @param pool the pool that it leads to; null if the Gateway serves its URI itself
   * @param predicates in the short form; values that may be secrets are replaced by {@code ***}
   * @param filters the default filters and then its own, in the same form
   * @param requestsPerSecond requests that ended, over the last 10 to 15 s
   */
  record Lane(
      String id,
      String lane,
      String why,
      @Nullable String pool,
      List<String> predicates,
      List<String> filters,
      double requestsPerSecond) {
    public Lane {
      predicates = List.copyOf(predicates);
      filters = List.copyOf(filters);
    }
  }
}
