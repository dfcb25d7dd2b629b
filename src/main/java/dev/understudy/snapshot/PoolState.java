package dev.understudy.snapshot;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.SwitchReason;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool at one moment.
 *
 * @param servers in the order of the configuration
 * @param serving the server that gets a failover pool's traffic now; null if there is none, and
 *     always in a balance pool
 * @param epoch counts this pool's changes of the serving server
 * @param authority whether servers may be told the epoch, and sent anything; live
 * @param reason reason of the last change; null before the first
 * @param since time of the last change
 * @param pinned the server that an operator switched to, until {@code auto} or a failover; null if
 *     there is none
 * @param explanation why the serving server stays although evidence speaks against it, or why no
 *     server serves; null if there is nothing to explain
 * @param planned the planned switch that is under way, or the last one; null if there was none
 * @param paused whether a planned switch has the clients held
 * @param owed the calls of hooks that are owed since the role moved without a plan
 * @param maintenance of the whole pool; null while it is in none
 * @param traffic live counters; the same object across snapshots
 */
public record PoolState(
    Pool pool,
    List<ServerState> servers,
    @Nullable ServerState serving,
    long epoch,
    Authority authority,
    @Nullable SwitchReason reason,
    Instant since,
    @Nullable ServerId pinned,
    @Nullable ChoiceExplanation explanation,
    @Nullable PlannedSwitch planned,
    boolean paused,
    OwedHooks owed,
    @Nullable PoolMaintenance maintenance,
    PoolTraffic traffic) {
  /** In the place of an epoch: the server is not told it. */
  public static final long NO_EPOCH = 0;

  /** In the place of an epoch: the server may be sent nothing now. */
  public static final long NOT_NOW = -1;

  public PoolState {
    servers = List.copyOf(servers);
  }

  /**
   * Whether {@code server} is told the epoch now: only the serving server, and only while the epoch
   * can be trusted. Another server, which a session or a route keeps in use, would write late.
   */
  public boolean tellsEpoch(ServerState server) {
    return isServing(server.server().id()) && authority.isEpochTrusted();
  }

  /** {@link #tellsEpoch} as a number: what {@code server} is told, one of these two otherwise. */
  public long epochFor(ServerState server) {
    if (tellsEpoch(server)) {
      return epoch;
    }
    return isServing(server.server().id()) && authority.suspends() ? NOT_NOW : NO_EPOCH;
  }

  /** Whether that server gets a failover pool's traffic now. */
  public boolean isServing(ServerId server) {
    return serving != null && serving.server().id().equals(server);
  }

  /** The server that claims to be primary beside the last one that served; null if none does. */
  public ChoiceExplanation.@Nullable TwoPrimaries twoPrimaries() {
    return explanation == null ? null : explanation.primaries();
  }

  /** Whether no server of a failover pool may be sent anything for now. */
  public boolean suspended() {
    return authority.isSuspended();
  }

  /**
   * Whether every new client waits: the pool is paused or suspended, or what the replicas agree on
   * is not known here for now.
   */
  public boolean holdsAll() {
    return paused || !authority.mayBegin();
  }

  /**
   * Whether the pool is in maintenance, and does not serve a client at that address all the same.
   */
  public boolean excludes(@Nullable IpAddress client) {
    return maintenance != null && !maintenance.allow().contains(client);
  }

  /** The planned switch for which a server is left now; null if there is none. */
  public @Nullable PlannedSwitch leaving(ServerId server) {
    PlannedSwitch now = planned;
    return paused && now != null && !now.to().equals(server) ? now : null;
  }

  /**
   * The servers that get new requests, in the order of the configuration: the serving one of a
   * failover pool; all usable masters of a balance pool or, without any, all usable backups, those
   * with the share 0 left out. None while all clients are held.
   */
  public List<ServerState> receiving() {
    if (holdsAll()) {
      return List.of();
    }
    if (pool.mode() == PoolMode.FAILOVER) {
      return serving == null ? List.of() : List.of(serving);
    }
    List<ServerState> masters = usable(Rank.MASTER);
    return masters.isEmpty() ? usable(Rank.BACKUP) : masters;
  }

  private List<ServerState> usable(Rank rank) {
    return servers.stream()
        .filter(server -> server.usable() && server.server().rank() == rank && server.share() > 0)
        .toList();
  }

  /** How old the newest checks of its servers are. */
  public CheckAges checks() {
    return CheckAges.of(servers);
  }

  /** The state of the server with that id; null if the pool has none. */
  public @Nullable ServerState server(ServerId id) {
    for (ServerState state : servers) {
      if (state.server().id().equals(id)) {
        return state;
      }
    }
    return null;
  }
}
