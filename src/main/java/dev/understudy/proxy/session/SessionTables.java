package dev.understudy.proxy.session;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.StickySettings;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The tables of sessions of all pools, shared by all event loops. A table outlives changes of other
 * settings of its pool. Thread-safe.
 */
public final class SessionTables {
  private final Map<PoolId, Table> tables = new ConcurrentHashMap<>();

  private record Table(StickySettings made, Sessions sessions) {
    boolean isFor(StickySettings sticky) {
      return made.type() == sticky.type()
          && made.cookie().equals(sticky.cookie())
          && made.entries() == sticky.entries()
          && made.expire().equals(sticky.expire());
    }
  }

  /** The table of a pool, created on first use and when one of its own settings changed. */
  public Sessions of(PoolId pool, StickySettings sticky) {
    Table table =
        tables.compute(
            pool,
            (id, known) ->
                known != null && known.isFor(sticky)
                    ? known
                    : new Table(sticky, new Sessions(sticky.entries(), sticky.expire())));
    return table.sessions();
  }

  /** Drops the tables of all other pools. */
  public void retain(Predicate<PoolId> pools) {
    tables.keySet().removeIf(pools.negate());
  }
}
