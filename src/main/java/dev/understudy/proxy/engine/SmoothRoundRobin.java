package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.snapshot.ServerState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Smooth weighted round-robin, as in nginx's {@code ngx_http_upstream_round_robin.c}: each
 * selection adds every candidate's weight to its credit, takes the candidate with the most credit,
 * and takes the sum of all weights from that one. With weights 5, 1, 1 the turns are a a b a c a a.
 * Equal weights give plain turns in the order of the configuration.
 */
final class SmoothRoundRobin extends Balancer {
  /** The credits by the server's index; their sum is 0 between two selections. */
  private final int[] credit;

  private final int[] weights;

  /** The indexes that were offered. */
  private final int[] offered;

  private int count;
  private int total;
  private int best;

  SmoothRoundRobin(Pool pool, int ordinal) {
    super(pool);
    List<Server> servers = pool.servers();
    credit = new int[servers.size()];
    weights = new int[servers.size()];
    offered = new int[servers.size()];
    for (int turn = 0; turn < ordinal % Math.max(1, servers.size()); turn++) {
      skip(servers);
    }
  }

  /** Takes a turn of all masters. */
  private void skip(List<Server> servers) {
    clear();
    for (int i = 0; i < servers.size(); i++) {
      if (servers.get(i).rank() == Rank.MASTER && servers.get(i).settings().weight() > 0) {
        add(i, fullShare(i));
      }
    }
    if (count > 0) {
      take();
    }
  }

  @Override
  public void begin(int client) {
    clear();
  }

  private void clear() {
    count = 0;
    total = 0;
    best = -1;
    selected = null;
  }

  @Override
  public void offer(int index, ServerState server) {
    if (add(index, share(index, server))) {
      selected = server;
    }
  }

  /** Returns whether the candidate is the best so far. */
  private boolean add(int index, int weight) {
    weights[index] = weight;
    offered[count++] = index;
    total += weight;
    if (best < 0 || credit[index] + weight > credit[best] + weights[best]) {
      best = index;
      return true;
    }
    return false;
  }

  @Override
  public @Nullable ServerState select(boolean takesTurn) {
    ServerState to = selected;
    if (takesTurn && to != null) {
      take();
    }
    clear();
    return to;
  }

  private void take() {
    for (int i = 0; i < count; i++) {
      credit[offered[i]] += weights[offered[i]];
    }
    credit[best] -= total;
  }
}
