package dev.understudy.traffic;

import dev.understudy.pool.PoolId;

/** Receives what happens to requests. Called on event loops; must return at once. */
public interface TrafficListener {
  /** A request ended; called exactly once for each. */
  void ended(Outcome outcome);

  /** A request gets another attempt after one that failed. */
  void retried(PoolId pool, RetryReason reason);

  /** The number of a pool's held requests changed by {@code delta}. */
  void held(PoolId pool, int delta);

  /** Something was refused, delayed or ended because of a limit. */
  default void limited(Limit limit) {}
}
