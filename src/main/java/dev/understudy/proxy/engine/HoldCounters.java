package dev.understudy.proxy.engine;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.fairness.FairQueue;
import dev.understudy.pool.PoolId;
import dev.understudy.snapshot.ServerTraffic;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Counts the held requests of all event loops, by pool, client network and queue. A pool's places
 * are shared fairly: once all are taken, a newcomer displaces the newest of the network that has
 * the most, unless its own then had as many ({@link FairQueue}). A request that waits for a place
 * at a server with {@code max-requests} is in that server's queue and precedes only later requests
 * for the same server; every other one is in the pool's own queue and precedes all later requests.
 * Thread-safe.
 */
public final class HoldCounters {
  /** A place of a held request, with its identity only. */
  interface Place {
    /** Another network has a right to the place. Called on any thread. */
    void displaced();
  }

  /** Taken places by pool; only pools that have any. */
  private final Map<PoolId, FairQueue<Place>> taken = new ConcurrentHashMap<>();

  /** Held requests in no server's queue, by pool; only pools that have any. */
  private final Map<PoolId, Integer> forAnyServer = new ConcurrentHashMap<>();

  /**
   * Takes a place, if need be one of another network, which is told.
   *
   * @param limit the places of the pool
   * @return whether there was one
   */
  // Places are compared by identity.
  @SuppressWarnings("ReferenceEquality")
  boolean enter(PoolId pool, ClientNetwork network, Place place, int limit) {
    AtomicReference<@Nullable Place> loser = new AtomicReference<>();
    taken.compute(
        pool,
        (id, known) -> {
          FairQueue<Place> places = known == null ? new FairQueue<>(limit) : known;
          loser.set(places.add(network, place, limit));
          return places.size() == 0 ? null : places;
        });
    Place without = loser.get();
    if (without != null && without != place) {
      without.displaced();
    }
    return without != place;
  }

  /** Gives a place back; without effect if another has it. */
  void leave(PoolId pool, ClientNetwork network, Place place) {
    taken.computeIfPresent(
        pool,
        (id, places) -> {
          var unused = places.remove(network, place);
          return places.size() == 0 ? null : places;
        });
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
