package dev.understudy.proxy.tunnel;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.engine.SelectedServer;
import dev.understudy.proxy.session.Stickiness;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.PoolTraffic;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerState.LastProbe;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.testing.SnapshotPublisher;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The monitor's place in tunnel tests: one pool with a master and a backup, moved by hand. */
final class TunnelSnapshots extends SnapshotPublisher {
  static final PoolId POOL = new PoolId("sense");
  static final ServerId MASTER = new ServerId("sen2");
  static final ServerId BACKUP = new ServerId("sen1");

  ServerTraffic masterTraffic = new ServerTraffic();
  final ServerTraffic backupTraffic = new ServerTraffic();
  PoolMode mode = PoolMode.FAILOVER;
  SwitchSettings onSwitch = SwitchSettings.DEFAULT;
  @Nullable StickySettings sticky;
  Duration tunnel = Duration.ofHours(1);
  HealthStatus masterStatus = HealthStatus.UP;
  OperatorState masterState = OperatorState.READY;
  boolean masterCircuitOpen;
  long masterIncarnation = 1;

  /** Whether what is another incarnation is due to another good address of its name. */
  boolean masterMoved;

  String masterHost = "a";
  @Nullable Instant masterLeft;
  @Nullable LastProbe masterProbe;
  @Nullable ServerId serving = MASTER;
  SwitchReason reason = SwitchReason.INITIAL;
  Authority authority = Authority.FULL;
  @Nullable PoolMaintenance maintenance;

  TunnelSnapshots() {
    publish();
  }

  /** Publishes what the fields say. */
  void publish() {
    publish(pool());
  }

  /** The master falls silent, and the backup takes over. */
  void masterFails() {
    masterEnds(ProbeOutcome.TIMED_OUT);
  }

  /** The master is judged DOWN by such a probe, and the backup takes over. */
  void masterEnds(ProbeOutcome outcome) {
    masterProbe = new LastProbe(Instant.EPOCH, Duration.ZERO, outcome, "");
    masterStatus = HealthStatus.DOWN;
    masterIncarnation++;
    serving = BACKUP;
    reason = SwitchReason.HEALTH_CHECK_FAILED;
    publish();
  }

  PoolState pool() {
    ServerState master =
        state(MASTER, masterStatus, masterState, masterCircuitOpen, masterIncarnation);
    ServerState backup = state(BACKUP, HealthStatus.UP, OperatorState.READY, false, 100);
    return new PoolState(
        configuration(),
        List.of(master, backup),
        serving == null || mode == PoolMode.BALANCE
            ? null
            : serving.equals(MASTER) ? master : backup,
        1,
        authority,
        reason,
        Instant.EPOCH,
        null,
        null,
        null,
        false,
        OwedHooks.NONE,
        maintenance,
        new PoolTraffic());
  }

  ServerState master() {
    return pool().servers().get(0);
  }

  /** The master, selected as it is now. */
  SelectedServer selected(Stickiness held) {
    return new SelectedServer(pool(), master(), held.preferred(), held.session(), 1);
  }

  ServerState backup() {
    return pool().servers().get(1);
  }

  private Pool configuration() {
    TimeoutSettings times = TimeoutSettings.DEFAULT;
    return TestPools.pool(POOL)
        .mode(mode)
        .servers(server(MASTER, Rank.MASTER), server(BACKUP, Rank.BACKUP))
        .sticky(sticky)
        .onSwitch(onSwitch)
        .timeouts(TestSettings.timeouts(times.connect(), times.response(), times.idle(), tunnel))
        .build();
  }

  private static Server server(ServerId id, Rank rank) {
    return TestServers.of(
        id, TestSettings.address(false, id.value() + ".test", 80), rank, OptionalInt.empty());
  }

  private ServerState state(
      ServerId id,
      HealthStatus status,
      OperatorState state,
      boolean circuitOpen,
      long incarnation) {
    boolean usable = status == HealthStatus.UP && state == OperatorState.READY && !circuitOpen;
    return new ServerState(
        POOL,
        server(id, id.equals(MASTER) ? Rank.MASTER : Rank.BACKUP),
        InetSocketAddress.createUnresolved(id.equals(MASTER) ? masterHost : id.value(), 80),
        status,
        Instant.EPOCH,
        state,
        ServerState.OperatorAct.UNKNOWN,
        circuitOpen,
        usable,
        incarnation,
        id.equals(MASTER) && masterMoved ? 1 : incarnation,
        id.equals(MASTER) ? masterLeft : null,
        id.equals(MASTER) ? masterProbe : null,
        id.equals(MASTER) ? masterTraffic : backupTraffic,
        null,
        ServerState.FULL_WEIGHT,
        null,
        new ServerState.Checks(Instant.EPOCH, false),
        null);
  }
}
