package dev.understudy.assembly;

import dev.understudy.health.LocalFailure;
import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.frontend.ClientMemoryBudget;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.listener.TunnelDrain;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.proxy.route.CurrentRouteTable;
import dev.understudy.proxy.tcp.TcpRelays;
import dev.understudy.proxy.tunnel.Tunnels;
import dev.understudy.settings.StaticSettings;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.snapshot.TrafficReports;
import dev.understudy.telemetry.ReplicaMeters;
import dev.understudy.traffic.TrafficListener;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine, the tunnels, the frontend and the relays of TCP. */
final class DataPlane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataPlane.class);

  private static final String SESSIONS = "sessions";
  private static final String TCP_SESSIONS = "tcp-sessions";
  private static final String RATES = "rates";

  /** The table in which the frontend looks requests up. */
  final CurrentRouteTable routes = new CurrentRouteTable();

  /** Creates the error responses of the engine and of both lanes. */
  final ErrorResponses errors = new ErrorResponses();

  /** How many connections there may be. */
  final FileDescriptorBudget descriptors;

  final Engine engine;
  final Frontend frontend;
  final TcpRelays relays;
  private final Tunnels tunnels;
  private final GuardRegistry guards;

  DataPlane(
      StaticSettings settings,
      ListenerProperties listeners,
      SnapshotSource snapshots,
      TrafficReports reports,
      TrafficListener traffic,
      UpstreamTlsContexts tls,
      GuardRegistry guards) {
    this.guards = guards;
    descriptors = FileDescriptorBudget.ofProcess(listeners.client().connections());
    TrustedProxies trusted = TrustedProxies.of(settings.trustedProxies());
    tunnels = new Tunnels(snapshots, reports);
    engine =
        new Engine(
            snapshots,
            reports,
            traffic,
            trusted,
            tls::offering,
            tunnels,
            listeners.server().serverLimits(),
            settings.stickyKey(),
            errors,
            settings.zone());
    frontend =
        new Frontend(
            engine,
            routes::current,
            traffic,
            trusted,
            listeners.client().frontLimits(descriptors.clients()),
            errors);
    frontend
        .connections()
        .memory()
        .whenExhausted(() -> reports.localFailure(LocalFailure.CLIENT_MEMORY));
    engine.sockets().limit(descriptors.upstream());
    engine.sockets().whenFull(engine::closeIdle);
    relays = new TcpRelays(engine, frontend.connections(), listeners.client().headerTimeout());
  }

  /** Shows the limits of clients, in the log and as meters. */
  void show(ListenerProperties listeners, ReplicaMeters meters) {
    if (descriptors.isClamped(listeners.client().connections())) {
      log.warn(
          "understudy.client.max-connections: {} instead of {}, as this process may open {} files"
              + " (ulimit -n)",
          descriptors.clients(),
          listeners.client().connections(),
          descriptors.limit());
    }
    ClientMemoryBudget memory = frontend.connections().memory();
    meters.clientMemory(memory::held, memory.most());
    log.info("Up to {} MB may wait for clients or their servers", memory.most() >> 20);
  }

  /**
   * Ends what outlives the listeners. Then nothing follows the snapshots, as each one would give
   * the event loops a task, and they end only once they have had none for two seconds.
   */
  TunnelDrain drain() {
    return grace -> {
      engine.stop(grace);
      CompletionStage<?> connections = relays.drainAll(grace).thenRun(relays::close);
      CompletionStage<?> others = frontend.tunnels().drainAll(grace);
      return tunnels
          .drainAll(grace)
          .thenRun(tunnels::close)
          .thenCombine(others, (told, ended) -> ended)
          .thenCombine(connections, (told, ended) -> ended);
    };
  }

  /**
   * Ends tunnels and relayed connections of a process that a successor has replaced.
   *
   * @param grace over which tunnels are told
   * @param connections after which relayed connections are cut
   */
  void drainSlowly(Duration grace, Duration connections) {
    var unused = relays.drainAll(connections);
    var unusedToo = tunnels.drainAll(grace);
    var unusedEither = frontend.tunnels().drainAll(grace);
  }

  /** What a successor needs at the last moment, by name. */
  Map<String, String> tables() {
    return Map.of(
        SESSIONS,
        engine.sessionTables().text(),
        TCP_SESSIONS,
        relays.sessions(),
        RATES,
        guards.rates());
  }

  /**
   * Takes up what a predecessor had in its {@link #tables}, before any connection is accepted: of
   * the pools and routes that there are now.
   */
  void restore(Map<String, String> tables) {
    Snapshot pools = engine.snapshots().current();
    engine
        .sessionTables()
        .restore(
            tables.get(SESSIONS),
            id -> {
              PoolState pool = pools.pool(id);
              return pool == null ? null : pool.pool().settings().sticky();
            });
    relays.restoreSessions(tables.get(TCP_SESSIONS));
    guards.restore(tables.get(RATES));
  }

  @Override
  public void close() {
    engine.close();
    relays.close();
    tunnels.close();
  }
}
