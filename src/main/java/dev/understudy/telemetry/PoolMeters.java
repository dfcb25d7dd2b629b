package dev.understudy.telemetry;

import dev.understudy.failover.Reason;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.SnapshotSource;
import dev.understudy.pool.Mode;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.telemetry.ServerMeters.Shape;
import dev.understudy.traffic.RetryReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The meters of one pool and its servers. Gauges read the newest snapshot at each scrape. */
final class PoolMeters {
  private final MeterRegistry registry;
  private final SnapshotSource snapshots;
  private final PoolId id;
  private final Tags tags;
  private final Set<Meter> meters = ConcurrentHashMap.newKeySet();
  private final Map<ServerId, ServerMeters> servers = new ConcurrentHashMap<>();
  private final Map<Reason, Counter> switches = new ConcurrentHashMap<>();
  private final Map<RetryReason, Counter> retries = new ConcurrentHashMap<>();
  private final AtomicInteger held = new AtomicInteger();
  private final RoleMeters roles;
  private @Nullable Pool configuration;

  PoolMeters(MeterRegistry registry, SnapshotSource snapshots, PoolId id) {
    this.registry = registry;
    this.snapshots = snapshots;
    this.id = id;
    tags = Tags.of("pool", id.value());
    roles = new RoleMeters(registry, tags);
    add(
        Gauge.builder("understudy.held.requests", this, PoolMeters::held)
            .description("Requests waiting for a server that can serve")
            .tags(tags)
            .strongReference(true)
            .register(registry));
    add(
        Gauge.builder("understudy.held.bytes", this, PoolMeters::heldBytes)
            .description("Bytes of bodies kept for requests that wait or may be sent again")
            .tags(tags)
            .strongReference(true)
            .register(registry));
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
          pool.mode() == Mode.FAILOVER,
          PoolState::epoch);
    }
    if (configuration == null || configuration.provesRole() != pool.provesRole()) {
      gauge(
          "understudy.two.primaries",
          "Whether a server claims to be primary while another serves",
          pool.provesRole(),
          state -> state.twoPrimaries() == null ? 0 : 1);
    }
    configuration = pool;
    roles.configured(pool);
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

  /** Registers a gauge of the pool's state, or removes it if it is not wanted. */
  private void gauge(
      String name, String description, boolean wanted, ToDoubleFunction<PoolState> value) {
    meters.removeIf(
        meter -> {
          boolean found = meter.getId().getName().equals(name);
          if (found) {
            registry.remove(meter);
          }
          return found;
        });
    if (wanted) {
      add(
          Gauge.builder(name, this, self -> self.now(value))
              .description(description)
              .tags(tags)
              .strongReference(true)
              .register(registry));
    }
  }

  private double heldBytes() {
    return now(state -> state.traffic().heldBytes().get());
  }

  private double now(ToDoubleFunction<PoolState> value) {
    PoolState state = snapshots.current().pool(id);
    return state == null ? Double.NaN : value.applyAsDouble(state);
  }

  void switched(Reason reason, @Nullable Duration took) {
    switches.computeIfAbsent(reason, this::switchCounter).increment();
    if (took != null) {
      switchTimer().record(took);
    }
  }

  private Counter switchCounter(Reason reason) {
    return add(
        Counter.builder("understudy.switches")
            .description("Changes of the serving server")
            .tags(tags.and("reason", reason.name()))
            .register(registry));
  }

  private Timer switchTimer() {
    return add(
        Buckets.SWITCH
            .timer("understudy.switch", "From the first bad observation to serving elsewhere")
            .tags(tags)
            .register(registry));
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
    return add(
        Counter.builder("understudy.retries")
            .description("Requests sent once more")
            .tags(tags.and("reason", reason.name()))
            .register(registry));
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
    roles.remove();
    servers.keySet().forEach(this::removeServer);
    meters.forEach(registry::remove);
  }

  private void removeServer(ServerId server) {
    ServerMeters its = servers.remove(server);
    if (its != null) {
      its.remove();
    }
  }

  private <M extends Meter> M add(M meter) {
    meters.add(meter);
    return meter;
  }
}
