package dev.understudy.traffic;

import dev.understudy.pool.PoolId;

/** Told what happens to requests. Called on event loops: must return at once. */
public interface TrafficListener {
  /**
   * Why a request was sent once more; the label {@code reason} of {@code understudy_retries_total}.
   */
  enum Retry {
    /** No connection could be made. */
    CONNECT_FAILED,
    /** An idle connection turned out to be closed. */
    STALE_CONNECTION,
    /** A connection broke before a response byte. */
    BROKEN,
    /** The server was judged DOWN while the answer was awaited. */
    SERVER_DOWN
  }

  /** A request ended; called exactly once for each. */
  void ended(Outcome outcome);

  /** A request is sent once more. */
  void retried(PoolId pool, Retry reason);

  /** The number of a pool's requests that are waiting changed by {@code delta}. */
  void held(PoolId pool, int delta);

  /** Something was refused, delayed or ended because of a limit. */
  default void limited(Limit limit) {}
}
