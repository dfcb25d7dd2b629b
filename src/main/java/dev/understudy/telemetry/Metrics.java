package dev.understudy.telemetry;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.ProbeListener;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestTotals;
import dev.understudy.traffic.RetryReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All meters of this replica. Their Prometheus names and labels are part of the public surface:
 *
 * <ul>
 *   <li>{@code understudy_server_up}, {@code understudy_tunnels}, {@code understudy_sessions}
 *       {pool, server}; {@code understudy_server_serving} {pool, server} and {@code
 *       understudy_pool_epoch} {pool}, of failover pools only
 *   <li>{@code understudy_two_primaries} {pool}, of failover pools whose checks prove the role only
 *   <li>{@code understudy_server_lag_bytes} or {@code understudy_server_lag_transactions}, {@code
 *       understudy_server_lag_seconds} {pool, server}, of failover pools whose check sees how far
 *       the data has come; {@code understudy_server_too_far_behind} {pool, server}, of those whose
 *       checks prove the role and whose servers are promoted before they serve
 *   <li>{@code understudy_server_weight} {pool, server}, of balance pools only
 *   <li>{@code understudy_server_info} {pool, server, role}, always 1: the configured role, {@code
 *       master} or {@code backup}
 *   <li>{@code understudy_switches_total} {pool, reason}, {@code understudy_switch_seconds} {pool}
 *   <li>{@code understudy_switch_pause_seconds} {pool, outcome}: how long clients were held by a
 *       planned switch that ended in that phase
 *   <li>{@code understudy_hook_seconds} {pool, hook, outcome}; {@code understudy_hooks_owed}
 *       {pool}, of pools with hooks only: calls that are owed since the role moved
 *   <li>{@code understudy_probe_seconds} {pool, server, outcome}
 *   <li>{@code understudy_requests_seconds} {route, pool, server, status, outcome}
 *   <li>{@code understudy_retries_total} {pool, reason}; {@code understudy_held_requests}, {@code
 *       understudy_held_bytes} {pool}: waiting requests, and the bytes of bodies kept for the wait
 *       and for replays
 *   <li>{@code understudy_server_requests}, {@code understudy_server_queue} {pool, server}:
 *       requests in flight, which {@code max-requests} limits, and requests waiting for one of
 *       those places
 *   <li>{@code understudy_connections_total} {listener, pool, server, outcome}: relayed TCP
 *       connections that ended; {@code understudy_connection_bytes_total} {pool, server,
 *       direction}, of TCP servers only; the open ones are {@code understudy_tunnels}
 *   <li>{@code understudy_limited_total} {limit}, {@code understudy_client_connections}
 *   <li>{@code understudy_config_last_reload_successful}
 * </ul>
 *
 * Meters of pools, servers and routes that a new file no longer names are removed. Safe for any
 * thread. Methods called for each request build no labels and take no lock, except for the first
 * request of a series.
 */
public final class Metrics implements ProbeListener, RequestTotals, AutoCloseable {
  private final MeterRegistry registry;
  private final PrometheusRegistry prometheus;
  private final SnapshotSource snapshots;
  private final RequestCounts requests = new RequestCounts(this::isConfigured);
  private final RequestMeters requestMeters;
  private final Map<PoolId, PoolMeters> pools = new ConcurrentHashMap<>();
  private final ConnectionMeters connectionMeters;
  private final Map<Limit, Counter> limited = new EnumMap<>(Limit.class);
  private final Runnable unsubscribe;
  private volatile boolean lastReloadSuccessful = true;

  /**
   * Registers the meters for the newest snapshot and follows later ones.
   *
   * @param prometheus for the meters that would cost requests too much in Micrometer
   * @param tags tags of all meters (Spring Boot's {@code management.metrics.tags}); the meter
   *     registry adds them by itself, the Prometheus registry does not
   * @param connections supplies the present number of client connections
   */
  public Metrics(
      MeterRegistry registry,
      PrometheusRegistry prometheus,
      Map<String, String> tags,
      SnapshotSource snapshots,
      IntSupplier connections) {
    this.registry = registry;
    this.prometheus = prometheus;
    this.snapshots = snapshots;
    this.connectionMeters = new ConnectionMeters(registry);
    MeterGroup meters = new MeterGroup(registry);
    // Registered at zero, so that the first increase shows as one.
    for (Limit limit : Limit.values()) {
      limited.put(
          limit,
          meters.counter(
              "understudy.limited",
              "Requests and connections that were refused, delayed or ended because of a limit",
              "limit",
              limit.name()));
    }
    meters.gauge(
        "understudy.client.connections",
        "Connections of clients, tunnels included",
        connections::getAsInt);
    requestMeters = new RequestMeters(requests, System::nanoTime, tags);
    prometheus.register(requestMeters);
    meters.gauge(
        "understudy.config.last.reload.successful",
        "Whether the newest file was applied",
        () -> lastReloadSuccessful ? 1 : 0);
    unsubscribe = snapshots.subscribe(this::changed);
    changed(snapshots.current());
  }

  private boolean isConfigured(PoolId pool, @Nullable ServerId server) {
    PoolState state = snapshots.current().pool(pool);
    return state != null && (server == null || state.server(server) != null);
  }

  private synchronized void changed(Snapshot snapshot) {
    boolean removed = false;
    for (var known = pools.entrySet().iterator(); known.hasNext(); ) {
      var entry = known.next();
      if (snapshot.pool(entry.getKey()) == null) {
        known.remove();
        entry.getValue().remove();
        removed = true;
      }
    }
    for (PoolState pool : snapshot.pools()) {
      PoolMeters meters =
          pools.computeIfAbsent(pool.pool().id(), id -> new PoolMeters(registry, snapshots, id));
      removed |= meters.configured(pool.pool());
    }
    if (removed) {
      requests.removeStale();
      connectionMeters.removeUnless(this::isConfigured);
    }
  }

  /** Sets the ids of the routes in force; the meters of all others are removed. */
  public void routes(Set<String> ids) {
    requests.routes(ids);
  }

  /**
   * Returns the meters of a route's requests, valid until the route is removed.
   *
   * @param id null if no route matched
   */
  public RouteMeters route(@Nullable String id) {
    return requests.route(id);
  }

  /**
   * Counts a request that ended; called on event loops.
   *
   * @param route from {@link #route}
   */
  public void ended(RouteMeters route, RequestOutcome outcome) {
    requests.ended(route, outcome);
  }

  @Override
  public long[] boundsNanos() {
    return Buckets.REQUEST.boundsNanos();
  }

  @Override
  public void forEach(Visitor visitor) {
    requests.visit(visitor);
    connectionMeters.visit(visitor);
  }

  @Override
  public int held(PoolId pool) {
    PoolMeters meters = pools.get(pool);
    return meters == null ? 0 : meters.held();
  }

  /** Counts a retry; called on event loops. */
  public void retried(PoolId pool, RetryReason reason) {
    of(pool, meters -> meters.retried(reason));
  }

  /** Counts a relayed connection that ended; called on event loops. */
  public void ended(ConnectionOutcome connection) {
    connectionMeters.ended(connection);
  }

  /** Changes the number of held requests; called on event loops. */
  public void held(PoolId pool, int delta) {
    of(pool, meters -> meters.held(delta));
  }

  /** Counts a refusal, a delay or an end caused by that limit; called on event loops. */
  public void limited(Limit limit) {
    Counter counter = limited.get(limit);
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void probed(PoolId pool, ServerId server, ProbeOutcome outcome, Duration took) {
    of(pool, meters -> meters.probed(server, outcome, took));
  }

  /** Records a call of a hook. */
  public void called(HookCall call, HookResult result) {
    of(call.pool().id(), meters -> meters.hookCalled(call.hook(), result.outcome(), result.took()));
  }

  /** Records an event; for {@link EventLog#subscribe}. */
  public void happened(EventLog.Entry entry) {
    switch (entry.event()) {
      case Event.Switched switched ->
          of(switched.pool(), meters -> meters.switched(switched.reason(), switched.took()));
      case Event.PlannedSwitchChanged change -> {
        Duration paused = change.paused();
        if (paused != null) {
          of(change.pool(), meters -> meters.paused(change.phase(), paused));
        }
      }
      case ReplicaEvent.ConfigurationApplied applied when applied.isOfFile() ->
          lastReloadSuccessful = true;
      case ReplicaEvent.ConfigurationRejected rejected when rejected.isOfFile() ->
          lastReloadSuccessful = false;
      default -> {
        // Gauges show it, or nothing counts it.
      }
    }
  }

  /** Counts something of a pool, unless it was removed. */
  private void of(PoolId pool, Consumer<PoolMeters> count) {
    PoolMeters meters = pools.get(pool);
    if (meters != null) {
      count.accept(meters);
    }
  }

  /** Unsubscribes from snapshots and from Prometheus. */
  @Override
  public void close() {
    unsubscribe.run();
    prometheus.unregister(requestMeters);
  }
}
