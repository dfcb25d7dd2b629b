package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.snapshot.ServerState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has another balancer select among the candidates of this replica's zone; among all of them if
 * none is there.
 */
final class OwnZoneFirst extends Balancer {
  private final Balancer among;

  /** Whether a server is in this replica's zone, by its index. */
  private final boolean[] own;

  private int client;

  /** Whether a candidate of this selection is. */
  private boolean found;

  OwnZoneFirst(Pool pool, String zone, Balancer among) {
    super(pool);
    this.among = among;
    List<Server> servers = pool.servers();
    own = new boolean[servers.size()];
    for (int i = 0; i < own.length; i++) {
      own[i] = zone.equals(servers.get(i).settings().zone());
    }
  }

  @Override
  public void begin(int client) {
    this.client = client;
    found = false;
    among.begin(client);
  }

  @Override
  public void offer(int index, ServerState server) {
    if (own[index] && !found) {
      found = true;
      among.begin(client);
    }
    if (own[index] == found) {
      among.offer(index, server);
    }
  }

  @Override
  public @Nullable ServerState select(boolean takesTurn) {
    return among.select(takesTurn);
  }
}
