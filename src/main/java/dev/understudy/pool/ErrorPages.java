package dev.understudy.pool;

import java.util.HashMap;
import java.util.Map;

/**
 * The operator's error pages, by status from 400 to 599, or {@link #MAINTENANCE}.
 *
 * @param general for all requests
 * @param ofPools for requests whose route leads to a pool; where a pool has no page, a general one
 *     applies
 */
public record ErrorPages(
    Map<Integer, ErrorPage> general, Map<PoolId, Map<Integer, ErrorPage>> ofPools) {
  /** In place of a status: a pool in maintenance, whose responses have the status 503. */
  public static final int MAINTENANCE = 600;

  /** No page is the operator's. */
  public static final ErrorPages NONE = new ErrorPages(Map.of(), Map.of());

  public ErrorPages {
    general = Map.copyOf(general);
    Map<PoolId, Map<Integer, ErrorPage>> copies = new HashMap<>();
    ofPools.forEach((pool, pages) -> copies.put(pool, Map.copyOf(pages)));
    ofPools = Map.copyOf(copies);
  }

  /** Omits the templates, which may be long. */
  @Override
  public String toString() {
    return "ErrorPages[general=" + general.keySet() + ", ofPools=" + ofPools.keySet() + "]";
  }
}
