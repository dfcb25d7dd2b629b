package dev.understudy.testing;

import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import java.util.OptionalInt;

/** Servers that are probed where they serve. */
public final class TestServers {
  private TestServers() {}

  public static Server of(ServerId id, ServerAddress address, Rank rank, OptionalInt maxRequests) {
    return of(id, address, rank, maxRequests, 1);
  }

  public static Server of(
      ServerId id, ServerAddress address, Rank rank, OptionalInt maxRequests, int weight) {
    return new Server(id, address, null, settings(rank, maxRequests, weight));
  }

  public static ServerSettings settings(Rank rank, OptionalInt maxRequests, int weight) {
    return new ServerSettings(rank, maxRequests, weight, OptionalInt.empty(), null, null);
  }
}
