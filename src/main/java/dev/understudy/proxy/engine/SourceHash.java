package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.proxy.session.Sessions;
import dev.understudy.snapshot.ServerState;

/**
 * Weighted rendezvous hashing of the client's address (Thaler and Ravishankar 1998; weights by
 * Schindelhauer and Schomaker 2005): every server draws a number from the client's hash and its own
 * name, and the best draw wins. When a server goes only its own clients move, spread over all
 * others; when one comes it takes only its share. All replicas select alike, and also after a
 * restart. HAProxy's {@code hash-type consistent} has the same property with a ring.
 */
final class SourceHash extends Balancer {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final double SCALE = 0x1.0p-53;

  private int client;
  private double best;

  SourceHash(Pool pool) {
    super(pool);
  }

  @Override
  public void begin(int client) {
    super.begin(client);
    this.client = client;
  }

  @Override
  public void offer(int index, ServerState server) {
    int name = server.server().id().value().hashCode();
    double draw = ((mix(client, name) >>> 11) + 0.5) * SCALE;
    double score = -Math.log(draw) / share(index, server);
    if (selected == null || score < best) {
      selected = server;
      best = score;
    }
  }

  /** SplitMix64's finaliser, twice: names that differ in one letter draw unlike numbers. */
  private static long mix(int client, int name) {
    return Sessions.mix(Sessions.mix(client + GOLDEN) ^ (name * GOLDEN));
  }
}
