package dev.understudy.telemetry;

import dev.understudy.failover.Reason;
import dev.understudy.health.Status;
import dev.understudy.monitor.Authority;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.PoolTraffic;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.ServerTraffic;
import dev.understudy.monitor.Snapshot;
import dev.understudy.monitor.SnapshotSource;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.pool.UpstreamTls;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The monitor's place in these tests: pools whose first server is the master and serves, all others
 * being backups and DOWN.
 */
final class TestPools implements SnapshotSource {
  private final List<Consumer<Snapshot>> listeners = new CopyOnWriteArrayList<>();
  private final Map<ServerId, ServerTraffic> traffic = new ConcurrentHashMap<>();
  final PoolTraffic poolTraffic = new PoolTraffic();
  private volatile Snapshot current = Snapshot.EMPTY;

  ServerTraffic traffic(String server) {
    return traffic.computeIfAbsent(new ServerId(server), any -> new ServerTraffic());
  }

  void publish(PoolState... pools) {
    current =
        new Snapshot(
            current.version() + 1,
            Arrays.stream(pools)
                .collect(Collectors.toMap(pool -> pool.pool().id(), Function.identity())));
    listeners.forEach(listener -> listener.accept(current));
  }

  PoolState pool(String id, Mode mode, long epoch, String... servers) {
    List<Server> configured =
        Arrays.stream(servers)
            .map(name -> server(name, name.equals(servers[0]) ? Rank.MASTER : Rank.BACKUP))
            .toList();
    Pool pool =
        new Pool(
            new PoolId(id),
            mode,
            configured,
            HealthSettings.DEFAULT,
            null,
            FailbackSettings.DEFAULT,
            null,
            HoldSettings.DEFAULT,
            RetrySettings.DEFAULT,
            SwitchSettings.DEFAULT,
            TimeoutSettings.DEFAULT,
            UpstreamTls.DEFAULT);
    List<ServerState> states =
        configured.stream().map(s -> state(pool, s, s.equals(configured.get(0)))).toList();
    return new PoolState(
        pool,
        states,
        mode == Mode.FAILOVER ? states.get(0) : null,
        epoch,
        Authority.FULL,
        Reason.INITIAL,
        Instant.EPOCH,
        null,
        null,
        poolTraffic);
  }

  private static Server server(String id, Rank rank) {
    return new Server(
        new ServerId(id), new ServerAddress(false, id + ".test", 80), rank, OptionalInt.empty());
  }

  private ServerState state(Pool pool, Server server, boolean up) {
    return new ServerState(
        pool.id(),
        server,
        null,
        up ? Status.UP : Status.DOWN,
        Instant.EPOCH,
        OperatorState.READY,
        false,
        up,
        1,
        null,
        null,
        traffic(server.id().value()));
  }

  @Override
  public Snapshot current() {
    return current;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }

  @Override
  public Runnable subscribe(Consumer<Snapshot> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
