package dev.understudy.proxy.engine;

import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.PoolId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts the held requests of all event loops, by pool and by queue. A request that waits for a
 * place at a server with {@code max-requests} is in that server's queue and precedes only later
 * requests for the same server; every other one is in the pool's own queue and precedes all later
 * requests. Thread-safe.
 */
public final class HoldCounters {
  /** Held requests by pool; only pools that have any. */
  private final Map<PoolId, Integer> waiting = new ConcurrentHashMap<>();

  /** Held requests in no server's queue, by pool; only pools that have any. */
  private final Map<PoolId, Integer> forAnyServer = new ConcurrentHashMap<>();

  /** Counts one more held request of the pool; returns false if {@code limit} are held already. */
  public boolean enter(PoolId pool, int limit) {
    if (waiting.merge(pool, 1, Integer::sum) > limit) {
      leave(pool);
      return false;
    }
    return true;
  }

  public void leave(PoolId pool) {
    less(waiting, pool);
  }

  /**
   * Adds one request to a queue.
   *
   * @param server the owner of the queue; null for the pool's own queue
   */
  public void join(PoolId pool, @Nullable ServerTraffic server) {
    if (server == null) {
      forAnyServer.merge(pool, 1, Integer::sum);
    } else {
      server.queue().incrementAndGet();
    }
  }

  public void quit(PoolId pool, @Nullable ServerTraffic server) {
    if (server == null) {
      less(forAnyServer, pool);
    } else {
      server.queue().decrementAndGet();
    }
  }

  /** The number of held requests that a place at the server may go to. */
  public int waitFor(PoolId pool, ServerTraffic server) {
    return server.queue().get() + forAnyServer.getOrDefault(pool, 0);
  }

  private static void less(Map<PoolId, Integer> counts, PoolId pool) {
    counts.computeIfPresent(pool, (id, count) -> count == 1 ? null : count - 1);
  }
}
