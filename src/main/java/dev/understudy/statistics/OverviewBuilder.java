package dev.understudy.statistics;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.snapshot.CheckAges;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.snapshot.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Makes an overview of a snapshot, a window of counts and the servers' histories. */
final class OverviewBuilder {
  private final Snapshot snapshot;
  private final CountWindow window;
  private final Histories histories;
  private final ToIntFunction<PoolId> held;
  private final Instant now;
  private final Duration ahead;
  private final Map<CountKey, Counts> increases;
  private final Map<PoolId, Double> retries;
  private final Map<@Nullable PoolId, Counts> byPool;

  /**
   * Prepares an overview.
   *
   * @param held the requests of a pool that wait
   * @param ahead by how much the clock on the wall is ahead of {@code now}
   */
  OverviewBuilder(
      Snapshot snapshot,
      CountWindow window,
      Histories histories,
      ToIntFunction<PoolId> held,
      Instant now,
      Duration ahead) {
    this.snapshot = snapshot;
    this.window = window;
    this.histories = histories;
    this.held = held;
    this.now = now;
    this.ahead = ahead;
    this.increases = window.increases(Function.identity());
    this.byPool = window.increases(CountKey::pool);
    this.retries = window.retries();
  }

  Overview build(int clientConnections) {
    Counts sum = window.zero();
    byPool.values().forEach(sum::addAll);
    Rates all = window.rates(sum);
    List<PoolOverview> pools =
        snapshot.pools().stream().map(this::pool).sorted(PoolOverview.WORST_FIRST).toList();
    return new Overview(millis(now.plus(ahead)), totals(pools, all, clientConnections), pools);
  }

  private static Overview.Totals totals(
      List<PoolOverview> pools, Rates all, int clientConnections) {
    Map<ServiceCondition, Integer> conditions = new EnumMap<>(ServiceCondition.class);
    long inFlight = 0;
    long held = 0;
    long tunnels = 0;
    for (PoolOverview pool : pools) {
      conditions.merge(pool.condition(), 1, Integer::sum);
      held += pool.held();
      for (ServerOverview server : pool.servers()) {
        inFlight += server.inFlight();
        tunnels += server.tunnels();
      }
    }
    return new Overview.Totals(
        pools.size(),
        conditions.getOrDefault(ServiceCondition.WELL, 0),
        conditions.getOrDefault(ServiceCondition.DEGRADED, 0),
        conditions.getOrDefault(ServiceCondition.NOBODY, 0),
        all.requests(),
        all.errors(),
        inFlight,
        held,
        tunnels,
        clientConnections);
  }

  private PoolOverview pool(PoolState state) {
    PoolId id = state.pool().id();
    List<ServerState> receiving = state.receiving();
    Rates rates = window.rates(byPool.get(id));
    Diagnosis diagnosis = Diagnosis.of(state, now);
    List<ServerOverview> servers = new ArrayList<>();
    for (ServerState server : state.servers()) {
      servers.add(server(server, receiving.contains(server)));
    }
    return new PoolOverview(
        id,
        state.pool().mode(),
        diagnosis.condition(),
        diagnosis.severity(),
        diagnosis.cause(),
        diagnosis.twoPrimaries(),
        MaintenanceOverview.of(state),
        state.serving() == null ? null : state.serving().server().id(),
        state.epoch(),
        millis(state.since()),
        state.reason(),
        held.applyAsInt(id),
        retries.getOrDefault(id, 0.0),
        rates.requests(),
        rates.errors(),
        rates.p99Millis(),
        late(state.checks()),
        servers);
  }

  private ServerOverview server(ServerState state, boolean serving) {
    ServerTraffic traffic = state.traffic();
    ServerHistory.Summary history = histories.summary(state.pool(), state.server().id(), now);
    Server server = state.server();
    Rates rates = window.rates(increases.get(new CountKey(state.pool(), server.id())));
    return new ServerOverview(
        server.id(),
        server.address(),
        server.rank(),
        state.status(),
        state.operatorState(),
        serving,
        state.usable(),
        state.circuitOpen(),
        rates.requests(),
        rates.responses(),
        rates.p50Millis(),
        rates.p99Millis(),
        rates.bytesIn(),
        rates.bytesOut(),
        Math.max(0, traffic.requests().get()),
        server.settings().maxRequests(),
        Math.max(0, traffic.queue().get()),
        traffic.retries().get(),
        Math.max(0, traffic.tunnels().get()),
        traffic.sessions().read(now).recent(),
        history.checksFailed(),
        history.downtime().toSeconds(),
        lastProbe(state.lastProbe()),
        late(state.checks()),
        history.minutes());
  }

  private ServerState.@Nullable LastProbe lastProbe(ServerState.@Nullable LastProbe probe) {
    return probe == null
        ? null
        : new ServerState.LastProbe(
            millis(probe.at().plus(ahead)), probe.took(), probe.outcome(), probe.detail());
  }

  /** Null while all come in time: what a stream tells of these is the same then. */
  private @Nullable CheckAges late(CheckAges checks) {
    return checks.anyLate() ? checks.by(ahead) : null;
  }

  private ServerState.@Nullable Checks late(ServerState.Checks checks) {
    return checks.late() ? checks.by(ahead) : null;
  }

  private static Instant millis(Instant time) {
    return time.truncatedTo(ChronoUnit.MILLIS);
  }
}
