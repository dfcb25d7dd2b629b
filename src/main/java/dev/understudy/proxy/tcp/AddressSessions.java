package dev.understudy.proxy.tcp;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.proxy.session.SessionTables;
import dev.understudy.proxy.session.Sessions;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of TCP balance pools with {@code sticky: { type: client-address }}: new connections
 * of a client go to the server of its last one (HAProxy {@code stick on src}) while that is usable.
 * A server set to drain is left, as its connections are ended. In failover pools all connections go
 * to the serving server. Thread-safe.
 */
final class AddressSessions {
  private final SessionTables tables = new SessionTables();

  /** A client's session; null if there is none on a server that can be used. */
  @Nullable Session find(PoolState pool, IpAddress client) {
    Sessions sessions = of(pool.pool());
    if (sessions == null) {
      return null;
    }
    Session found = sessions.session(sessions.hash(client));
    ServerState server = found == null ? null : pool.server(found.server());
    return server != null && server.usable() ? found : null;
  }

  /** Keeps a client's session on the server that it is connected to. */
  void keep(Pool pool, IpAddress client, ServerId server) {
    Sessions sessions = of(pool);
    if (sessions != null) {
      sessions.keep(sessions.hash(client), server, System.nanoTime());
    }
  }

  /** Drops the tables of pools that have no such sessions any more. */
  void retain(Snapshot snapshot) {
    tables.retain(pool -> has(snapshot, pool));
  }

  /** All sessions as text for the next process. */
  String text() {
    return tables.text();
  }

  /** Takes over those of the process before, before any is used here; null for none. */
  void restore(@Nullable String text, Snapshot snapshot) {
    tables.restore(
        text,
        id -> {
          PoolState pool = snapshot.pool(id);
          return pool != null && has(pool.pool()) ? pool.pool().settings().sticky() : null;
        });
  }

  private static boolean has(Snapshot snapshot, PoolId id) {
    PoolState pool = snapshot.pool(id);
    return pool != null && has(pool.pool());
  }

  private static boolean has(Pool pool) {
    StickySettings sticky = pool.settings().sticky();
    return sticky != null
        && sticky.type() == StickySettings.Type.CLIENT_ADDRESS
        && pool.mode() == PoolMode.BALANCE;
  }

  private @Nullable Sessions of(Pool pool) {
    StickySettings sticky = pool.settings().sticky();
    return sticky != null && has(pool) ? tables.of(pool.id(), sticky) : null;
  }
}
