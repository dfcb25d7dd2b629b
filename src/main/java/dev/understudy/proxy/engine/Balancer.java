package dev.understudy.proxy.engine;

import dev.understudy.pool.BalanceAlgorithm;
import dev.understudy.pool.Pool;
import dev.understudy.snapshot.ServerState;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Selects among the servers of one balance pool that a request may go to. For each selection the
 * caller offers the candidates one after another, then takes the result; nothing is allocated. Used
 * on one event loop only.
 *
 * <table>
 *   <caption>{@link BalanceAlgorithm}</caption>
 *   <tr><td>{@code round-robin}</td><td>{@link SmoothRoundRobin}</td></tr>
 *   <tr><td>{@code least-requests}</td><td>{@link LeastRequests}</td></tr>
 *   <tr><td>{@code source}</td><td>{@link SourceHash}</td></tr>
 * </table>
 *
 * <p>With {@code prefer-same-zone} {@link OwnZoneFirst} has it select among fewer.
 */
public abstract class Balancer {
  private final Pool pool;

  /** By the servers' indexes; null if each has a weight of its own. */
  private final int @Nullable [] shares;

  /** The best candidate of this selection so far; null before the first. */
  @Nullable ServerState selected;

  Balancer(Pool pool) {
    this.pool = pool;
    this.shares = ServiceShares.of(pool);
  }

  /**
   * Creates the balancer of a pool for one event loop.
   *
   * @param zone this replica's; null if not known
   * @param ordinal the event loop's number: loops with few requests each begin at different servers
   * @param random breaks ties
   */
  public static Balancer of(Pool pool, @Nullable String zone, int ordinal, RandomGenerator random) {
    Balancer among =
        switch (pool.settings().balance()) {
          case ROUND_ROBIN -> new SmoothRoundRobin(pool, ordinal);
          case LEAST_REQUESTS -> new LeastRequests(pool, random);
          case SOURCE -> new SourceHash(pool);
        };
    return zone != null && pool.settings().preferSameZone()
        ? new OwnZoneFirst(pool, zone, among)
        : among;
  }

  /** Whether this balancer was created for that configuration. */
  @SuppressWarnings("ReferenceEquality") // cheap; a false result only starts the turns anew
  public final boolean isFor(Pool other) {
    return pool == other;
  }

  /** Whether {@link #begin} needs the client's address. */
  public final boolean needsClient() {
    return pool.settings().balance() == BalanceAlgorithm.SOURCE;
  }

  /**
   * Begins a selection; drops one that was not taken.
   *
   * @param client a hash of the client's address; any number unless {@link #needsClient}
   */
  public void begin(int client) {
    selected = null;
  }

  /**
   * The server's weight among the candidates, at least 1.
   *
   * @param index of the server in its pool
   */
  final int share(int index, ServerState server) {
    return shares == null ? server.share() : Math.max(1, shares[index]) * server.weightPercent();
  }

  /** The weight of a server whose state is not known. */
  final int fullShare(int index) {
    int weight = shares == null ? pool.servers().get(index).settings().weight() : shares[index];
    return weight * ServerState.FULL_WEIGHT;
  }

  /**
   * Offers a candidate, at most once in each selection.
   *
   * @param index of the server in its pool
   * @param server with a share of 1 or more
   */
  public abstract void offer(int index, ServerState server);

  /**
   * Ends the selection.
   *
   * @param takesTurn whether a request goes to the server, so that the next one gets its turn
   * @return the selected server; null if none was offered
   */
  public @Nullable ServerState select(boolean takesTurn) {
    ServerState to = selected;
    selected = null;
    return to;
  }
}
