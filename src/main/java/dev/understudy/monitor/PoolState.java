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
 * @param epochTrusted whether an application may go by it, see {@code Agreement.isEpochTrusted}
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
    boolean epochTrusted,
    @Nullable Reason reason,
    Instant since,
    @Nullable ServerId pinned,
    @Nullable Standing standing,
    PoolTraffic traffic) {
  public PoolState {
    servers = List.copyOf(servers);
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
