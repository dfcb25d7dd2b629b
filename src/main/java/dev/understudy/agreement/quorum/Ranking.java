package dev.understudy.agreement.quorum;

import dev.understudy.pool.PoolId;
import java.util.Collection;

/**
 * Order in which replicas write a pool's record: the same on each replica, a different one for each
 * pool. It saves conflicts; safety does not rest on it.
 */
final class Ranking {
  private Ranking() {}

  /**
   * The number of {@code replicas} that come before {@code replica}: 0 for the first, all for one
   * that is none of them.
   *
   * @param passed how many come last instead, from the first
   */
  static int rank(PoolId pool, String replica, Collection<String> replicas, int passed) {
    if (!replicas.contains(replica)) {
      return replicas.size();
    }
    int mine = hash(pool, replica);
    int before = 0;
    for (String other : replicas) {
      int theirs = hash(pool, other);
      if (theirs < mine || (theirs == mine && other.compareTo(replica) < 0)) {
        before++;
      }
    }
    return Math.floorMod(before - passed, replicas.size());
  }

  /** MurmurHash3's finaliser: names that differ in one letter come in any order. */
  private static int hash(PoolId pool, String replica) {
    int h = (pool.value() + '/' + replica).hashCode();
    h = (h ^ (h >>> 16)) * 0x85ebca6b;
    h = (h ^ (h >>> 13)) * 0xc2b2ae35;
    return h ^ (h >>> 16);
  }
}
