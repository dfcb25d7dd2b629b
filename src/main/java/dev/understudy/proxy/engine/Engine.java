package dev.understudy.proxy.engine;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.TlsOffer;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.flowcontrol.WindowBudget;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.session.SessionTables;
import dev.understudy.proxy.session.StickyKey;
import dev.understudy.proxy.upstream.ServerLimits;
import dev.understudy.proxy.upstream.UpstreamSockets;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.snapshot.TrafficReports;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.traffic.FailSafeTrafficListener;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Forwards requests to the servers of their pools. One instance in each process; thread-safe. */
// States are compared by identity first, as most are unchanged.
@SuppressWarnings("ReferenceEquality")
public final class Engine implements ExchangeFactory, AutoCloseable {
  private final SnapshotSource snapshots;
  private final TrafficReports reports;
  private final TrafficListener listener;
  final TrustedProxies trusted;
  private final Function<TlsOffer, SslContext> tls;
  final TunnelFactory tunnels;
  final UpstreamSockets sockets = new UpstreamSockets();

  /** The windows of HTTP/2 connections to servers. */
  final WindowBudget windows = WindowBudget.ofProcess();

  final ServerLimits limits;
  final StickyKey stickyKey;
  final ErrorResponses errors;
  final @Nullable String zone;

  private final PerEventLoop<EngineLoop> engineLoops =
      new PerEventLoop<>(loop -> new EngineLoop(this, loop));

  final HoldCounters holdCounters = new HoldCounters();
  final SessionTables sessionTables = new SessionTables();
  private final AtomicInteger ordinals = new AtomicInteger();

  private final Runnable unsubscribe;

  /** The last published snapshot; written on the monitor's thread only. */
  private Snapshot lastSnapshot;

  /**
   * Creates an engine that follows the snapshots.
   *
   * @param tls returns the client-side context for a setting; called on an event loop for each new
   *     connection to an https server, so it must not block; the engine adds the verification of
   *     the host name
   * @param limits limits on servers' responses
   * @param stickyKey the key of sticky cookies
   * @param errors creates the error responses
   * @param zone where this replica runs; null if not known
   */
  public Engine(
      SnapshotSource snapshots,
      TrafficReports reports,
      TrafficListener listener,
      TrustedProxies trusted,
      Function<TlsOffer, SslContext> tls,
      TunnelFactory tunnels,
      ServerLimits limits,
      StickyKey stickyKey,
      ErrorResponses errors,
      @Nullable String zone) {
    this.snapshots = snapshots;
    this.reports = reports;
    this.listener = FailSafeTrafficListener.of(listener);
    this.trusted = trusted;
    this.tls = tls;
    this.tunnels = tunnels;
    this.limits = limits;
    this.stickyKey = stickyKey;
    this.errors = errors;
    this.zone = zone;
    this.lastSnapshot = snapshots.current();
    this.unsubscribe = snapshots.subscribe(this::published);
  }

  /** The sockets of connections to servers. */
  public UpstreamSockets sockets() {
    return sockets;
  }

  @Override
  public Exchange exchange(ProxyRequest request, Downstream downstream, EventLoop loop) {
    return new ForwardingExchange(engineLoops.on(loop), request, downstream);
  }

  /** The sessions of all pools, for the next process. */
  public SessionTables sessionTables() {
    return sessionTables;
  }

  /**
   * Stops the engine within {@code grace}: event streams, and other streams older than {@code
   * drain}, end at random moments of that time; every other exchange has the whole time.
   */
  public void stop(Duration grace) {
    engineLoops.runOnEach(each -> each.stop(grace));
  }

  /** Closes idle connections to servers, to make room for others; from any thread. */
  public void closeIdle() {
    engineLoops.runOnEach(EngineLoop::closeIdle);
  }

  /**
   * Closes idle upstream connections and stops following the snapshots; running exchanges finish.
   */
  @Override
  public void close() {
    unsubscribe.run();
    engineLoops.runOnEach(EngineLoop::close);
  }

  @Override
  public int usableServers(PoolId pool) {
    PoolState state = snapshots.current().pool(pool);
    int usable = 0;
    if (state != null) {
      for (ServerState server : state.servers()) {
        usable += server.usable() && server.share() > 0 ? 1 : 0;
      }
    }
    return usable;
  }

  public SnapshotSource snapshots() {
    return snapshots;
  }

  public TrafficReports reports() {
    return reports;
  }

  public TrafficListener listener() {
    return listener;
  }

  public Function<TlsOffer, SslContext> tls() {
    return tls;
  }

  /** The number of the next event loop. */
  int nextOrdinal() {
    return ordinals.getAndIncrement();
  }

  /** The state of an event loop; called on that loop. */
  public EngineLoop on(EventLoop loop) {
    return engineLoops.on(loop);
  }

  /** Gives a place back; releases one that is held for it, if there is any, on each event loop. */
  public void givePlaceBack(SelectedServer from) {
    ServerState server = from.server();
    PoolId pool = server.pool();
    server.traffic().requests().decrementAndGet();
    if (server.server().settings().maxRequests().isPresent()
        && holdCounters.waitFor(pool, server.traffic()) > 0) {
      engineLoops.runOnEach(each -> each.holds().release(pool, 1));
    }
  }

  /**
   * Reports trouble with a server to the monitor.
   *
   * @param agoNanos nanoseconds since it began
   */
  public void trouble(ServerState server, Trouble trouble, long agoNanos, String detail) {
    String bounded = detail.length() > 200 ? detail.substring(0, 200) : detail;
    reports.trouble(server, trouble, snapshots.now().minusNanos(agoNanos), bounded);
  }

  /**
   * Passes each snapshot that matters to every event loop, in order, so that no loop misses a DOWN.
   */
  private void published(Snapshot snapshot) {
    Snapshot before = lastSnapshot;
    lastSnapshot = snapshot;
    if (matters(before, snapshot)) {
      sessionTables.retain(pool -> snapshot.pool(pool) != null);
      engineLoops.runOnEach(each -> each.snapshotChanged(snapshot));
      for (PoolState pool : snapshot.pools()) {
        PlannedSwitch planned = pool.paused() ? pool.planned() : null;
        if (planned != null && isNew(planned, before.pool(pool.pool().id()))) {
          reportPaused(pool.pool().id(), planned.id());
        }
      }
    }
  }

  private static boolean isNew(PlannedSwitch planned, @Nullable PoolState before) {
    PlannedSwitch known = before != null && before.paused() ? before.planned() : null;
    return known == null || !known.id().equals(planned.id());
  }

  /** Reports once every event loop has run what the snapshot with the pause gave it to do. */
  private void reportPaused(PoolId pool, String planned) {
    var unused =
        engineLoops
            .finishOnEach(each -> CompletableFuture.completedStage(null))
            .thenRun(() -> reports.paused(pool, planned));
  }

  /**
   * Whether two snapshots differ in anything that a running request depends on. Most snapshots
   * bring only the result of a probe.
   */
  static boolean matters(Snapshot before, Snapshot now) {
    if (before.byId().size() != now.byId().size()) {
      return true;
    }
    for (PoolState pool : now.pools()) {
      PoolState old = before.pool(pool.pool().id());
      if (old != pool && (old == null || matters(old, pool))) {
        return true;
      }
    }
    return false;
  }

  private static boolean matters(PoolState before, PoolState now) {
    if (before.pool() != now.pool()
        || before.epoch() != now.epoch()
        || before.paused() != now.paused()
        || !Objects.equals(before.maintenance(), now.maintenance())
        || (now.paused() && !Objects.equals(before.planned(), now.planned()))
        || before.servers().size() != now.servers().size()
        || !isSame(before.serving(), now.serving())) {
      return true;
    }
    for (int i = 0; i < now.servers().size(); i++) {
      if (!isSame(before.servers().get(i), now.servers().get(i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSame(@Nullable ServerState before, @Nullable ServerState now) {
    if (before == null || now == null) {
      return before == now;
    }
    return before.incarnation() == now.incarnation()
        && before.usable() == now.usable()
        && before.circuitOpen() == now.circuitOpen()
        && before.status() == now.status()
        && before.operatorState() == now.operatorState()
        && before.isDownBySilence() == now.isDownBySilence()
        && before.server().equals(now.server());
  }

  /**
   * Returns a random number from 0 (inclusive) to {@code bound} (exclusive); 0 if {@code bound} is
   * 0.
   */
  public static long random(long bound) {
    return bound <= 0 ? 0 : ThreadLocalRandom.current().nextLong(bound);
  }
}
