package dev.understudy.statistics;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import java.util.List;

/** The servers that get a pool's new requests, as of {@link PoolState#receiving}. */
record Traffic(List<ServerState> servers) {
  Traffic {
    servers = List.copyOf(servers);
  }

  static Traffic of(PoolState pool) {
    return new Traffic(pool.receiving());
  }

  /** Whether the server gets new requests. */
  boolean reaches(ServerState server) {
    return servers.stream().anyMatch(each -> each.server().id().equals(server.server().id()));
  }
}
