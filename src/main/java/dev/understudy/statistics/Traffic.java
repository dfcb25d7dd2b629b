package dev.understudy.statistics;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.pool.Mode;
import dev.understudy.pool.Rank;
import java.util.List;

/**
 * The servers that get a pool's new requests: the serving one of a failover pool; all usable
 * masters of a balance pool or, without any, all usable backups.
 *
 * @param servers in the order of the configuration; none while the pool is suspended
 */
record Traffic(List<ServerState> servers) {
  Traffic {
    servers = List.copyOf(servers);
  }

  static Traffic of(PoolState pool) {
    if (pool.suspended()) {
      return new Traffic(List.of());
    }
    if (pool.pool().mode() == Mode.FAILOVER) {
      return new Traffic(pool.serving() == null ? List.of() : List.of(pool.serving()));
    }
    List<ServerState> masters = usable(pool, Rank.MASTER);
    return new Traffic(masters.isEmpty() ? usable(pool, Rank.BACKUP) : masters);
  }

  private static List<ServerState> usable(PoolState pool, Rank rank) {
    return pool.servers().stream()
        .filter(server -> server.usable() && server.server().rank() == rank)
        .toList();
  }

  /** Whether the server gets new requests. */
  boolean reaches(ServerState server) {
    return servers.stream().anyMatch(each -> each.server().id().equals(server.server().id()));
  }
}
