package dev.understudy.snapshot;

import dev.understudy.pool.PoolId;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All state of pools and servers that the data plane needs, at one moment. Immutable; a reader
 * reads it once per request.
 *
 * @param version grows by one with each publication
 */
public record Snapshot(long version, Map<PoolId, PoolState> byId) {
  public static final Snapshot EMPTY = new Snapshot(0, Map.of());

  public Snapshot {
    byId = Map.copyOf(byId);
  }

  /** The state of the pool with that id; null if there is none. */
  public @Nullable PoolState pool(PoolId id) {
    return byId.get(id);
  }

  public Collection<PoolState> pools() {
    return byId.values();
  }

  /** How old the newest checks of all servers are. */
  public CheckAges checks() {
    CheckAges ages = CheckAges.NONE;
    for (PoolState pool : byId.values()) {
      ages = ages.and(pool.checks());
    }
    return ages;
  }
}
