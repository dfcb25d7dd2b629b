package dev.understudy.telemetry;

import dev.understudy.failover.Lag;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.text.Words;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The meters of one server. Gauges read the newest snapshot at each scrape. */
final class ServerMeters {
  /**
   * The settings that decide which meters there are.
   *
   * @param sticky whether the pool has sessions
   * @param limited whether the server has {@code max-requests}
   * @param data what its check counts the data in; null if it does not see how far that has come
   * @param promotes whether a server must be promoted before it serves
   */
  record Shape(
      PoolMode mode,
      Protocol protocol,
      boolean sticky,
      boolean limited,
      Lag.@Nullable Unit data,
      boolean promotes) {
    static Shape of(Pool pool, Server server) {
      return new Shape(
          pool.mode(),
          pool.protocol(),
          pool.settings().sticky() != null,
          server.settings().maxRequests().isPresent(),
          pool.mode() == PoolMode.FAILOVER ? Lag.unit(pool.health().check()) : null,
          pool.provesRole() && pool.settings().hooks().promotesFirst());
    }
  }

  private final SnapshotSource snapshots;
  private final PoolId pool;
  private final ServerId server;
  private final Shape shape;
  private final MeterGroup meters;
  private final Map<ProbeOutcome, Timer> probes = new ConcurrentHashMap<>();

  ServerMeters(
      MeterRegistry registry, SnapshotSource snapshots, PoolId pool, ServerId server, Shape shape) {
    this.snapshots = snapshots;
    this.pool = pool;
    this.server = server;
    this.shape = shape;
    this.meters = new MeterGroup(registry, "pool", pool.value(), "server", server.value());
    gauge(
        "understudy.server.up",
        "Whether the server's health is UP",
        state -> state.status() == HealthStatus.UP ? 1 : 0);
    gauge(
        "understudy.check.age.seconds",
        "Time since the newest check that counted was asked",
        state -> seconds(Duration.between(state.checks().newest(), snapshots.now())));
    gauge(
        "understudy.checks.late",
        "Whether that is too long ago, so that what is known of the server may be true no more",
        state -> state.checks().late() ? 1 : 0);
    gauge(
        "understudy.server.requests",
        "Requests in flight, without tunnels",
        state -> state.traffic().requests().get());
    if (shape.limited()) {
      gauge(
          "understudy.server.queue",
          "Requests that wait for one of its max-requests places",
          state -> state.traffic().queue().get());
    }
    gauge(
        "understudy.tunnels",
        "Open tunnels: WebSockets and relayed TCP connections",
        state -> state.traffic().tunnels().get());
    if (shape.sticky()) {
      gauge(
          "understudy.sessions",
          "Estimated number of sessions whose cookie came with a request within five minutes",
          state -> state.traffic().sessions().read(snapshots.now()).recent());
    }
    if (shape.protocol() == Protocol.TCP) {
      bytes("in", traffic -> traffic.bytesIn().sum());
      bytes("out", traffic -> traffic.bytesOut().sum());
    }
    if (shape.data() != null) {
      lag(shape.data());
    }
    if (shape.mode() == PoolMode.BALANCE) {
      gauge(
          "understudy.server.weight",
          "Weight in a balance pool: the configured one, times the share that the server's agent"
              + " reports",
          ServerState::weight);
    }
    if (shape.mode() == PoolMode.FAILOVER) {
      gauge(
          "understudy.server.serving",
          "Whether the server gets the pool's traffic",
          state -> isServing() ? 1 : 0);
    }
  }

  /** Not a number for the primary, and where the newest check did not see it. */
  private void lag(Lag.Unit unit) {
    gauge(
        "understudy.server.lag." + Words.lower(unit),
        "What the server's data lacked of the primary's at the newest check of each",
        state -> {
          Lag lag = lag(state);
          Long lacks = lag == null ? null : lag.lacks(unit);
          return lacks == null ? Double.NaN : lacks;
        });
    gauge(
        "understudy.server.lag.seconds",
        "The time of the primary's writes that it lacked then",
        state -> {
          Lag lag = lag(state);
          return lag == null ? Double.NaN : seconds(lag.time());
        });
    if (shape.promotes()) {
      gauge(
          "understudy.server.too.far.behind",
          "Whether that keeps it from being promoted without an operator's word",
          state -> state.data() != null && state.data().tooFar() ? 1 : 0);
    }
  }

  private static @Nullable Lag lag(ServerState state) {
    return state.data() == null ? null : state.data().lag();
  }

  private void gauge(String name, String description, ToDoubleFunction<ServerState> value) {
    meters.gauge(name, description, () -> read(value));
  }

  /** Counts bytes in one direction, while connections are open too. */
  private void bytes(String direction, ToDoubleFunction<ServerTraffic> value) {
    meters.count(
        "understudy.connection.bytes",
        "Bytes of relayed TCP connections; in: to the server, out: from it",
        () -> read(state -> value.applyAsDouble(state.traffic())),
        "direction",
        direction);
  }

  private double read(ToDoubleFunction<ServerState> value) {
    PoolState now = snapshots.current().pool(pool);
    ServerState state = now == null ? null : now.server(server);
    return state == null ? Double.NaN : value.applyAsDouble(state);
  }

  private static double seconds(Duration age) {
    return Math.max(0, age.toMillis()) / 1e3;
  }

  private boolean isServing() {
    PoolState now = snapshots.current().pool(pool);
    return now != null && now.isServing(server);
  }

  ServerId server() {
    return server;
  }

  Shape shape() {
    return shape;
  }

  void probed(ProbeOutcome outcome, Duration took) {
    probes.computeIfAbsent(outcome, this::probeTimer).record(took);
  }

  private Timer probeTimer(ProbeOutcome outcome) {
    // No histogram: its buckets would be half of all series of a fleet.
    return meters.timer(
        Timer.builder("understudy.probe").description("How long probes took"),
        "outcome",
        outcome.name());
  }

  /** Removes all meters, because the server was removed. */
  void remove() {
    meters.remove();
  }
}
