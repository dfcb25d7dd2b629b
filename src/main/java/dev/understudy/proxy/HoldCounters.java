package dev.understudy.proxy;

import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.PoolId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How many requests wait, on all loops: of each pool, and in which line. One that waits for a place
 * at a server that has {@code max-requests} stands in that server's line, and only those who want
 * the same server stand behind it; all others stand in the pool's own line, before everybody who
 * comes later. Safe for any thread.
 */
final class HoldCounters {
  /** Of those pools where any does. */
  private final Map<PoolId, Integer> waiting = new ConcurrentHashMap<>();

  /** Those of them who stand in no server's line. */
  private final Map<PoolId, Integer> forAnyServer = new ConcurrentHashMap<>();

  /** Counts one more request of that pool, unless {@code limit} are waiting already. */
  boolean enter(PoolId pool, int limit) {
    if (waiting.merge(pool, 1, Integer::sum) > limit) {
      leave(pool);
      return false;
    }
    return true;
  }

  void leave(PoolId pool) {
    less(waiting, pool);
  }

  /**
   * One more stands in that line.
   *
   * @param server null: the pool's own
   */
  void join(PoolId pool, @Nullable ServerTraffic server) {
    if (server == null) {
      forAnyServer.merge(pool, 1, Integer::sum);
    } else {
      server.queue().incrementAndGet();
    }
  }

  void quit(PoolId pool, @Nullable ServerTraffic server) {
    if (server == null) {
      less(forAnyServer, pool);
    } else {
      server.queue().decrementAndGet();
    }
  }

  /** How many may be waiting for a place at that server. */
  int waitFor(PoolId pool, ServerTraffic server) {
    return server.queue().get() + forAnyServer.getOrDefault(pool, 0);
  }

  private static void less(Map<PoolId, Integer> counts, PoolId pool) {
    counts.computeIfPresent(pool, (id, count) -> count == 1 ? null : count - 1);
  }
}
