package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import java.util.Random;

/** Balancers of tests. */
final class Balancers {
  private Balancers() {}

  /** The first event loop's, a selection begun; null for a failover pool. */
  static Balancer begun(Pool pool) {
    return begun(pool, null);
  }

  /** The same of a replica in a zone. */
  static Balancer begun(Pool pool, String zone) {
    if (pool.mode() != PoolMode.BALANCE) {
      return null;
    }
    Balancer balancer = Balancer.of(pool, zone, 0, new Random(1));
    balancer.begin(0);
    return balancer;
  }
}
