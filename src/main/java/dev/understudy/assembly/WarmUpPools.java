package dev.understudy.assembly;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.PoolTraffic;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.snapshot.TrafficReports;
import dev.understudy.switchover.OwedHooks;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** In the monitor's place while a process warms itself up: one pool, whose server is always UP. */
final class WarmUpPools implements SnapshotSource, TrafficReports {
  private final Snapshot snapshot;

  /**
   * @param pool with one server, at its port on the loopback interface
   */
  WarmUpPools(Pool pool) {
    Server server = pool.servers().getFirst();
    ServerState state =
        new ServerState(
            pool.id(),
            server,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.address().port()),
            HealthStatus.UP,
            Instant.EPOCH,
            OperatorState.READY,
            ServerState.OperatorAct.UNKNOWN,
            false,
            true,
            1,
            1,
            null,
            null,
            new ServerTraffic(),
            null,
            ServerState.FULL_WEIGHT,
            null,
            new ServerState.Checks(Instant.EPOCH, false),
            null);
    PoolState only =
        new PoolState(
            pool,
            List.of(state),
            state,
            1,
            Authority.WITHOUT_EPOCH,
            null,
            Instant.EPOCH,
            null,
            null,
            null,
            false,
            OwedHooks.NONE,
            null,
            new PoolTraffic());
    snapshot = new Snapshot(1, Map.of(pool.id(), only));
  }

  @Override
  public Snapshot current() {
    return snapshot;
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  /** Never calls: the snapshot stays. */
  @Override
  public Runnable subscribe(Consumer<Snapshot> listener) {
    return () -> {};
  }

  @Override
  public void trouble(ServerState server, Trouble trouble, Instant started, String detail) {}

  @Override
  public void localFailure(LocalFailure failure) {}

  @Override
  public void called(ServerState server, boolean failed, Duration took) {}

  @Override
  public void paused(PoolId pool, String planned) {}

  @Override
  public void holdFull(PoolId pool) {}
}
