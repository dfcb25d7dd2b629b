package dev.understudy.statistics;

import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All pools of this replica at one moment.
 *
 * @param pools the worst first, then by name
 */
public record Overview(Instant now, Totals totals, List<PoolOverview> pools) {
  /**
   * Sums over all pools.
   *
   * @param requestsPerSecond requests that ended, those without a pool included
   * @param clientConnections connections of clients, tunnels included
   */
  public record Totals(
      int pools,
      int well,
      int degraded,
      int nobody,
      double requestsPerSecond,
      double errorsPerSecond,
      long inFlight,
      long held,
      long tunnels,
      int clientConnections) {}

  /**
   * What changed from one overview to a later one.
   *
   * @param changed pools that are new or differ in more than that they were probed again
   * @param probed pools that were probed again, with the same result
   * @param removed names of pools that are gone
   */
  public record Delta(List<PoolOverview> changed, List<PoolOverview> probed, List<PoolId> removed) {
    public Delta {
      changed = List.copyOf(changed);
      probed = List.copyOf(probed);
      removed = List.copyOf(removed);
    }
  }

  public Overview {
    pools = List.copyOf(pools);
  }

  /** What changed since an earlier overview. */
  public Delta since(Overview earlier) {
    Map<PoolId, PoolOverview> before = new TreeMap<>();
    earlier.pools.forEach(pool -> before.put(pool.name(), pool));
    List<PoolOverview> changed = new ArrayList<>();
    List<PoolOverview> probed = new ArrayList<>();
    for (PoolOverview pool : pools) {
      PoolOverview old = before.remove(pool.name());
      if (old == null) {
        changed.add(pool);
      } else if (!pool.equals(old)) {
        (pool.differsOnlyInProbes(old) ? probed : changed).add(pool);
      }
    }
    return new Delta(changed, probed, List.copyOf(before.keySet()));
  }
}
