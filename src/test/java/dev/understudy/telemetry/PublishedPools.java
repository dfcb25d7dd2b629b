package dev.understudy.telemetry;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.PoolTraffic;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.testing.SnapshotPublisher;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Publishes pools whose first server is the master and serves; all others are backups, DOWN. */
final class PublishedPools extends SnapshotPublisher {
  private final Map<ServerId, ServerTraffic> traffic = new ConcurrentHashMap<>();
  final PoolTraffic poolTraffic = new PoolTraffic();
  @Nullable PoolMaintenance maintenance;
  ServerState.Checks checks = new ServerState.Checks(Instant.EPOCH, false);

  ServerTraffic traffic(String server) {
    return traffic.computeIfAbsent(new ServerId(server), any -> new ServerTraffic());
  }

  /** A pool with sticky sessions, whose servers have {@code max-requests}. */
  PoolState pool(String id, PoolMode mode, long epoch, String... servers) {
    TestPools.Builder pool = TestPools.pool(new PoolId(id)).mode(mode).sticky(AfterFailback.KEEP);
    return state(pool, OptionalInt.of(10), mode, epoch, OwedHooks.NONE, servers);
  }

  /** A failover pool with default settings. */
  PoolState plain(String id, String... servers) {
    TestPools.Builder pool = TestPools.pool(new PoolId(id));
    return state(pool, OptionalInt.empty(), PoolMode.FAILOVER, 1, OwedHooks.NONE, servers);
  }

  /** A failover pool with hooks, of which those calls are owed. */
  PoolState owing(String id, OwedHooks owed) {
    Hook hook = new Hook("http://hooks.test/", List.of(), Map.of(), Duration.ofSeconds(5), false);
    TestPools.Builder pool = TestPools.pool(new PoolId(id)).hooks(new HookSettings(hook, hook));
    return state(pool, OptionalInt.empty(), PoolMode.FAILOVER, 1, owed, "sen2", "sen1");
  }

  private PoolState state(
      TestPools.Builder builder,
      OptionalInt maxRequests,
      PoolMode mode,
      long epoch,
      OwedHooks owed,
      String... servers) {
    List<Server> configured =
        Arrays.stream(servers)
            .map(
                name ->
                    server(name, name.equals(servers[0]) ? Rank.MASTER : Rank.BACKUP, maxRequests))
            .toList();
    Pool pool = builder.servers(configured.toArray(Server[]::new)).build();
    List<ServerState> states =
        configured.stream().map(s -> state(pool, s, s.equals(configured.get(0)))).toList();
    return new PoolState(
        pool,
        states,
        mode == PoolMode.FAILOVER ? states.get(0) : null,
        epoch,
        Authority.FULL,
        SwitchReason.INITIAL,
        Instant.EPOCH,
        null,
        null,
        null,
        false,
        owed,
        maintenance,
        poolTraffic);
  }

  private static Server server(String id, Rank rank, OptionalInt maxRequests) {
    return TestServers.of(
        new ServerId(id), TestSettings.address(false, id + ".test", 80), rank, maxRequests);
  }

  private ServerState state(Pool pool, Server server, boolean up) {
    return new ServerState(
        pool.id(),
        server,
        null,
        up ? HealthStatus.UP : HealthStatus.DOWN,
        Instant.EPOCH,
        OperatorState.READY,
        ServerState.OperatorAct.UNKNOWN,
        false,
        up,
        1,
        1,
        null,
        null,
        traffic(server.id().value()),
        null,
        ServerState.FULL_WEIGHT,
        null,
        checks,
        null);
  }
}
