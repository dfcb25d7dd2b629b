package dev.understudy.monitor;

import dev.understudy.failover.Reason;
import dev.understudy.failover.Standing;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool at one moment.
 *
 * @param servers in the order of the configuration
 * @param serving the server that gets a failover pool's traffic now; null: nobody, and always null
 *     in a balance pool
 * @param epoch counts this pool's changes of the serving server
 * @param authority whether servers may be told the epoch, and sent anything, at each moment
 * @param reason of the last change; null before the first
 * @param since when the last change was
 * @param pinned the server an operator switched to, until {@code auto} or a failover; null: none
 * @param standing why the serving server stays although something speaks against it, or why nobody
 *     serves; null: nothing is to be said
 * @param traffic live counters that stay the same object across snapshots
 */
public record PoolState(
    Pool pool,
    List<ServerState> servers,
    @Nullable ServerState serving,
    long epoch,
    Authority authority,
    @Nullable Reason reason,
    Instant since,
    @Nullable ServerId pinned,
    @Nullable Standing standing,
    PoolTraffic traffic) {
  public PoolState {
    servers = List.copyOf(servers);
  }

  /**
   * Whether that server is told the epoch now: while it can be trusted, and only the serving one.
   * Another, which a session or a route keeps in use, is a late writer.
   */
  public boolean tellsEpoch(ServerState server) {
    return serving != null
        && serving.server().id().equals(server.server().id())
        && authority.isEpochTrusted();
  }

  /** Whether nothing may be sent to any server of a failover pool for now. */
  public boolean suspended() {
    return authority.isSuspended();
  }

  /** The state of that server, or null if the pool has none of that name. */
  public @Nullable ServerState server(ServerId id) {
    for (ServerState state : servers) {
      if (state.server().id().equals(id)) {
        return state;
      }
    }
    return null;
  }
}
