package dev.understudy.pool;

/**
 * How the sessions and requests of a balance pool are spread over its servers, by their weights.
 * The choices of HAProxy's {@code balance}.
 */
public enum BalanceAlgorithm {
  /**
   * Each server in turn, smoothly: the turns of a heavy server are spread among those of others.
   */
  ROUND_ROBIN,
  /** The server with the fewest requests in flight for its weight (HAProxy {@code leastconn}). */
  LEAST_REQUESTS,
  /** The client's address decides: the same client gets the same server while that is usable. */
  SOURCE
}
