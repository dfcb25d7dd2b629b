package dev.understudy.proxy.engine;

import dev.understudy.pool.Mode;
import dev.understudy.pool.Pool;
import java.util.Random;

/** Balancers of tests. */
final class Balancers {
  private Balancers() {}

  /** The first event loop's, a selection begun; null for a failover pool. */
  static Balancer begun(Pool pool) {
    if (pool.mode() != Mode.BALANCE) {
      return null;
    }
    Balancer balancer = Balancer.of(pool, 0, new Random(1));
    balancer.begin(0);
    return balancer;
  }
}
