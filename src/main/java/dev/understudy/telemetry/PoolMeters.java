package dev.understudy.telemetry;

import dev.understudy.failover.Reason;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.health.Status;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.SnapshotSource;
import dev.understudy.pool.Mode;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.RetryReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one pool and its servers. Gauges read the newest snapshot at each scrape.
 *
 * <p>The pool's meters live as long as the pool, those of a server as long as the server.
 */
final class PoolMeters {
  private record ProbeKey(ServerId server, ProbeOutcome outcome) {}

  private final MeterRegistry registry;
  private final SnapshotSource snapshots;
  private final PoolId id;
  private final Tags tags;
  private final Set<Meter> ofPool = ConcurrentHashMap.newKeySet();
  private final Map<ServerId, Set<Meter>> ofServers = new ConcurrentHashMap<>();
  private final Map<Reason, Counter> switches = new EnumMap<>(Reason.class);
  private final Map<ProbeKey, Timer> probes = new ConcurrentHashMap<>();
  private final Map<RetryReason, Counter> retries = new ConcurrentHashMap<>();
  private final AtomicInteger held = new AtomicInteger();
  private final Timer switchTime;
  private final RoleMeters roles;
  private @Nullable Pool configuration;

  PoolMeters(MeterRegistry registry, SnapshotSource snapshots, PoolId id) {
    this.registry = registry;
    this.snapshots = snapshots;
    this.id = id;
    tags = Tags.of("pool", id.value());
    roles = new RoleMeters(registry, tags);
    switchTime =
        add(
            ofPool,
            Buckets.SWITCH
                .timer("understudy.switch", "From the first bad observation to serving elsewhere")
                .tags(tags)
                .register(registry));
    for (Reason reason : Reason.values()) {
      switches.put(
          reason,
          add(
              ofPool,
              Counter.builder("understudy.switches")
                  .description("Changes of the serving server")
                  .tags(tags.and("reason", reason.name()))
                  .register(registry)));
    }
    add(
        ofPool,
        Gauge.builder("understudy.held.requests", held, count -> Math.max(0, count.get()))
            .description("Requests waiting for a server that can serve")
            .tags(tags)
            .strongReference(true)
            .register(registry));
    add(
        ofPool,
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
      removed = !ofServers.isEmpty();
      ofServers.keySet().forEach(this::removeServer);
      epoch(pool.mode() == Mode.FAILOVER);
    }
    configuration = pool;
    roles.configured(pool);
    for (Server server : pool.servers()) {
      ofServers.computeIfAbsent(server.id(), any -> serverMeters(server.id(), pool.mode()));
    }
    for (ServerId known : ofServers.keySet()) {
      if (pool.server(known) == null) {
        removeServer(known);
        removed = true;
      }
    }
    return removed;
  }

  private void epoch(boolean wanted) {
    ofPool.removeIf(
        meter -> {
          boolean found = meter.getId().getName().equals("understudy.pool.epoch");
          if (found) {
            registry.remove(meter);
          }
          return found;
        });
    if (wanted) {
      add(
          ofPool,
          Gauge.builder("understudy.pool.epoch", this, PoolMeters::epochNow)
              .description("Counts the pool's changes of the serving server")
              .tags(tags)
              .strongReference(true)
              .register(registry));
    }
  }

  private double epochNow() {
    PoolState state = snapshots.current().pool(id);
    return state == null ? Double.NaN : state.epoch();
  }

  private double heldBytes() {
    PoolState state = snapshots.current().pool(id);
    return state == null ? Double.NaN : state.traffic().heldBytes().get();
  }

  private Set<Meter> serverMeters(ServerId server, Mode mode) {
    Set<Meter> meters = new HashSet<>();
    gauge(
        meters,
        server,
        "understudy.server.up",
        "Whether the server's health is UP",
        state -> state.status() == Status.UP ? 1 : 0);
    gauge(
        meters,
        server,
        "understudy.server.requests",
        "Requests in flight, without tunnels",
        state -> state.traffic().requests().get());
    gauge(
        meters,
        server,
        "understudy.server.queue",
        "Requests that wait for one of its max-requests places",
        state -> state.traffic().queue().get());
    gauge(
        meters,
        server,
        "understudy.tunnels",
        "Open WebSocket tunnels",
        state -> state.traffic().tunnels().get());
    gauge(
        meters,
        server,
        "understudy.sessions",
        "Sessions that sent a request by their cookie within five minutes, estimated",
        state -> state.traffic().sessions().read(snapshots.now()).recent());
    if (mode == Mode.FAILOVER) {
      gauge(
          meters,
          server,
          "understudy.server.serving",
          "Whether the server gets the pool's traffic",
          this::serving);
    }
    return meters;
  }

  private double serving(ServerState state) {
    PoolState pool = snapshots.current().pool(id);
    ServerState serving = pool == null ? null : pool.serving();
    return serving != null && serving.server().id().equals(state.server().id()) ? 1 : 0;
  }

  private void gauge(
      Set<Meter> meters,
      ServerId server,
      String name,
      String description,
      ToDoubleFunction<ServerState> value) {
    add(
        meters,
        Gauge.builder(name, this, self -> self.read(server, value))
            .description(description)
            .tags(tags.and("server", server.value()))
            .strongReference(true)
            .register(registry));
  }

  private double read(ServerId server, ToDoubleFunction<ServerState> value) {
    PoolState pool = snapshots.current().pool(id);
    ServerState state = pool == null ? null : pool.server(server);
    return state == null ? Double.NaN : value.applyAsDouble(state);
  }

  void switched(Reason reason, @Nullable Duration took) {
    Counter counter = switches.get(reason);
    if (counter != null) {
      counter.increment();
    }
    if (took != null) {
      switchTime.record(took);
    }
  }

  void probed(ServerId server, ProbeOutcome outcome, Duration took) {
    Set<Meter> meters = ofServers.get(server);
    if (meters != null) {
      probes.computeIfAbsent(new ProbeKey(server, outcome), this::probeTimer).record(took);
    }
  }

  private Timer probeTimer(ProbeKey key) {
    return Buckets.PROBE
        .timer("understudy.probe", "How long probes took")
        .tags(tags.and("server", key.server().value(), "outcome", key.outcome().name()))
        .register(registry);
  }

  void retried(RetryReason reason) {
    retries.computeIfAbsent(reason, this::retryCounter).increment();
  }

  private Counter retryCounter(RetryReason reason) {
    return add(
        ofPool,
        Counter.builder("understudy.retries")
            .description("Requests sent once more")
            .tags(tags.and("reason", reason.name()))
            .register(registry));
  }

  void held(int delta) {
    held.addAndGet(delta);
  }

  /** Removes all meters, because the pool was removed. */
  void remove() {
    roles.remove();
    ofServers.keySet().forEach(this::removeServer);
    ofPool.forEach(registry::remove);
  }

  private void removeServer(ServerId server) {
    Set<Meter> meters = ofServers.remove(server);
    if (meters != null) {
      meters.forEach(registry::remove);
    }
    probes
        .entrySet()
        .removeIf(
            entry -> {
              boolean its = entry.getKey().server().equals(server);
              if (its) {
                registry.remove(entry.getValue());
              }
              return its;
            });
  }

  private static <M extends Meter> M add(Set<Meter> to, M meter) {
    to.add(meter);
    return meter;
  }
}
