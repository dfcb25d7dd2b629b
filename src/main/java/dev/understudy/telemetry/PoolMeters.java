package dev.understudy.telemetry;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.telemetry.ServerMeters.Shape;
import dev.understudy.text.Words;
import dev.understudy.traffic.RetryReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The meters of one pool and its servers. Gauges read the newest snapshot at each scrape. */
final class PoolMeters {
  private final MeterRegistry registry;
  private final SnapshotSource snapshots;
  private final PoolId id;
  private final MeterGroup meters;
  private final Map<ServerId, ServerMeters> servers = new ConcurrentHashMap<>();
  private final Map<SwitchReason, Counter> switches = new ConcurrentHashMap<>();
  private final Map<RetryReason, Counter> retries = new ConcurrentHashMap<>();
  private final AtomicInteger held = new AtomicInteger();
  private final MultiGauge roles;
  private @Nullable Pool configuration;

  PoolMeters(MeterRegistry registry, SnapshotSource snapshots, PoolId id) {
    this.registry = registry;
    this.snapshots = snapshots;
    this.id = id;
    meters = new MeterGroup(registry, "pool", id.value());
    // Other series join it; with a role label of their own they would be new at each change of
    // role.
    roles =
        MultiGauge.builder("understudy.server.info")
            .description("The role that a server is configured for")
            .tags("pool", id.value())
            .register(registry);
    meters.gauge(
        "understudy.held.requests", "Requests waiting for a server that can serve", this::held);
    meters.gauge(
        "understudy.held.bytes",
        "Bytes of request bodies that are kept while the request waits or may be sent again",
        () -> now(state -> state.traffic().heldBytes().get()));
    meters.gauge(
        "understudy.pool.maintenance",
        "Whether an operator set the pool to maintenance",
        () -> now(state -> state.maintenance() == null ? 0 : 1));
  }

  /**
   * Adds the meters of new servers and removes those of removed ones.
   *
   * @return whether servers were removed
   */
  boolean configured(Pool pool) {
    if (pool.equals(configuration)) {
      return false;
    }
    boolean removed = false;
    if (configuration == null || configuration.mode() != pool.mode()) {
      gauge(
          "understudy.pool.epoch",
          "Counts the pool's changes of the serving server",
          pool.mode() == PoolMode.FAILOVER,
          PoolState::epoch);
    }
    if (configuration == null || configuration.provesRole() != pool.provesRole()) {
      gauge(
          "understudy.two.primaries",
          "Whether a server claims to be primary while another serves",
          pool.provesRole(),
          state -> state.twoPrimaries() == null ? 0 : 1);
    }
    if (configuration == null
        || configuration.settings().hooks().isEmpty() != pool.settings().hooks().isEmpty()) {
      gauge(
          "understudy.hooks.owed",
          "Calls of hooks that are due since the role moved, but not done",
          !pool.settings().hooks().isEmpty(),
          state -> state.owed().count());
    }
    configuration = pool;
    roles.register(pool.servers().stream().map(PoolMeters::role).toList());
    for (ServerMeters known : List.copyOf(servers.values())) {
      Server server = pool.server(known.server());
      if (server == null || !known.shape().equals(Shape.of(pool, server))) {
        removeServer(known.server());
        removed = true;
      }
    }
    for (Server server : pool.servers()) {
      servers.computeIfAbsent(
          server.id(), of -> new ServerMeters(registry, snapshots, id, of, Shape.of(pool, server)));
    }
    return removed;
  }

  private static MultiGauge.Row<?> role(Server server) {
    return MultiGauge.Row.of(
        Tags.of("server", server.id().value(), "role", Words.lower(server.rank())), 1);
  }

  /** Registers a gauge of the pool's state, or removes it if it is not wanted. */
  private void gauge(
      String name, String description, boolean wanted, ToDoubleFunction<PoolState> value) {
    meters.remove(name);
    if (wanted) {
      meters.gauge(name, description, () -> now(value));
    }
  }

  private double now(ToDoubleFunction<PoolState> value) {
    PoolState state = snapshots.current().pool(id);
    return state == null ? Double.NaN : value.applyAsDouble(state);
  }

  void switched(SwitchReason reason, @Nullable Duration took) {
    switches.computeIfAbsent(reason, this::switchCounter).increment();
    if (took != null) {
      switchTimer().record(took);
    }
  }

  void paused(SwitchPhase outcome, Duration held) {
    meters
        .timer(
            Buckets.SWITCH.timer(
                "understudy.switch.pause", "How long clients were held by planned switches"),
            "outcome",
            outcome.name())
        .record(held);
  }

  void hookCalled(String hook, SwitchFacts.Call outcome, Duration took) {
    meters
        .timer(
            Buckets.SWITCH.timer("understudy.hook", "Calls of hooks"),
            "hook",
            hook,
            "outcome",
            outcome.name())
        .record(took);
  }

  private Counter switchCounter(SwitchReason reason) {
    return meters.counter(
        "understudy.switches", "Changes of the serving server", "reason", reason.name());
  }

  private Timer switchTimer() {
    return meters.timer(
        Buckets.SWITCH.timer(
            "understudy.switch",
            "Time from the first bad observation until another server serves"));
  }

  void probed(ServerId server, ProbeOutcome outcome, Duration took) {
    ServerMeters its = servers.get(server);
    if (its != null) {
      its.probed(outcome, took);
    }
  }

  void retried(RetryReason reason) {
    retries.computeIfAbsent(reason, this::retryCounter).increment();
  }

  private Counter retryCounter(RetryReason reason) {
    return meters.counter(
        "understudy.retries",
        "Requests that were sent to a server once more",
        "reason",
        reason.name());
  }

  void held(int delta) {
    held.addAndGet(delta);
  }

  /** Requests that wait for a server that can serve. */
  int held() {
    return Math.max(0, held.get());
  }

  /** Removes all meters, because the pool was removed. */
  void remove() {
    roles.register(List.of());
    servers.keySet().forEach(this::removeServer);
    meters.remove();
  }

  private void removeServer(ServerId server) {
    ServerMeters its = servers.remove(server);
    if (its != null) {
      its.remove();
    }
  }
}
