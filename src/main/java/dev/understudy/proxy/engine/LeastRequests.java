package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.snapshot.ServerState;
import java.util.random.RandomGenerator;

/**
 * Selects the server that would have the fewest requests for its weight with one more: requests in
 * flight and open tunnels from all event loops of this replica. Ties are broken at random, so that
 * event loops that look at the same moment do not all take the first.
 */
final class LeastRequests extends Balancer {
  private final RandomGenerator random;
  private long load;
  private long weight;
  private int ties;

  LeastRequests(Pool pool, RandomGenerator random) {
    super(pool);
    this.random = random;
  }

  @Override
  public void offer(int index, ServerState server) {
    long others = share(index, server);
    long with = 1L + server.traffic().requests().get() + server.traffic().tunnels().get();
    // with / others < load / weight, without a division
    long difference = selected == null ? -1 : Long.compare(with * weight, load * others);
    ties = difference < 0 ? 1 : ties + (difference == 0 ? 1 : 0);
    if (difference < 0 || (difference == 0 && random.nextInt(ties) == 0)) {
      selected = server;
      load = with;
      weight = others;
    }
  }
}
