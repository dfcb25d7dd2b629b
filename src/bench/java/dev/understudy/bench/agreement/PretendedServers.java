package dev.understudy.bench.agreement;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.TcpCheck;
import dev.understudy.probe.Prober;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Two simulated servers for each pool, which accept or refuse connections on command. */
final class PretendedServers implements Prober {
  private static final ServerId MASTER = new ServerId("master");
  private static final ServerId BACKUP = new ServerId("backup");

  /** That a server is back is not measured, so it is found sooner than by default. */
  private static final Duration DOWN_INTERVAL = Duration.ofMillis(250);

  private volatile @Nullable ServerId refusing;

  /** From now on these servers refuse connections in all pools at once; null: none does. */
  void refuse(@Nullable ServerId server) {
    refusing = server;
  }

  /** The server that serves if that one cannot. */
  static ServerId other(ServerId server) {
    return server.equals(MASTER) ? BACKUP : MASTER;
  }

  /** The server that serves at first. */
  static ServerId first() {
    return MASTER;
  }

  /** Pools without failback: each server in turn is the one that fails. */
  static List<Pool> pools(int count) {
    return IntStream.range(0, count).mapToObj(PretendedServers::pool).toList();
  }

  private static Pool pool(int number) {
    HealthSettings usual = HealthSettings.DEFAULT;
    HealthSettings health =
        TestSettings.health(
            new TcpCheck(List.of(), CheckConnection.DEFAULT),
            usual.interval(),
            usual.fastInterval(),
            DOWN_INTERVAL,
            usual.timeout(),
            usual.fall(),
            usual.rise());
    return new Pool(
        new PoolId("pool-" + number),
        PoolMode.FAILOVER,
        List.of(server(MASTER, Rank.MASTER, 1), server(BACKUP, Rank.BACKUP, 2)),
        health,
        TestSettings.failback(FailbackSettings.Policy.MANUAL, Duration.ZERO),
        PoolSettings.DEFAULT,
        List.of());
  }

  private static Server server(ServerId id, Rank rank, int port) {
    return TestServers.of(
        id, TestSettings.address(false, "127.0.0.1", port), rank, OptionalInt.empty());
  }

  /** A refusal comes at once, and so does a connection on a quick network. */
  @Override
  public InFlight probe(Request request, Consumer<Observation.Probe> done) {
    boolean refused = request.server().id().equals(refusing);
    done.accept(
        new Observation.Probe(
            request.started(),
            refused ? ProbeOutcome.CONNECT_FAILED : ProbeOutcome.OK,
            refused ? "connection refused" : "connected"));
    return InFlight.NONE;
  }
}
