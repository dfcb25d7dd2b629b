package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import org.jspecify.annotations.Nullable;

/**
 * Cumulative counts of the requests and relayed TCP connections that have ended since the start of
 * the process; a connection counts as a request without a response. Counts of routes, pools and
 * servers that are no longer configured are dropped, so a sum over routes can become smaller. Safe
 * for any thread.
 */
public interface RequestTotals {
  /** Receives the counts of the requests that share all labels. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Called for each combination of labels that occurred.
     *
     * @param route the route's id; null for requests without a route
     * @param pool null for requests without a pool
     * @param server the server of the last attempt; null for requests that were sent to none
     * @param statusClass the first digit of the status sent to the client; 0 if none was sent
     * @param buckets the number of requests in each bucket of durations, by {@link #boundsNanos};
     *     valid during the call only
     * @param bytesIn bytes of request bodies, and from the clients of tunnels
     * @param bytesOut bytes of response bodies, and to the clients of tunnels
     */
    void visit(
        @Nullable String route,
        @Nullable PoolId pool,
        @Nullable ServerId server,
        int statusClass,
        RequestEnd end,
        long[] buckets,
        long bytesIn,
        long bytesOut);
  }

  /**
   * The upper bounds of the buckets of durations, in nanoseconds, ascending. A further bucket
   * counts the durations that exceed all of them.
   */
  long[] boundsNanos();

  /** Passes on all counts; not an atomic reading of all of them. */
  void forEach(Visitor visitor);

  /** The requests of the pool that wait for a server at present. */
  int held(PoolId pool);
}
