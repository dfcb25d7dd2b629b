package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.Snapshot;
import dev.understudy.monitor.SnapshotSource;
import dev.understudy.monitor.TrafficReports;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.session.StickyKey;
import dev.understudy.proxy.upstream.ServerLimits;
import dev.understudy.traffic.GuardedListener;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Forwards requests to servers; one in each process. Safe for any thread. */
// Loops are themselves; states are compared by identity first because most are the same objects.
@SuppressWarnings("ReferenceEquality")
public final class Engine implements AutoCloseable {
  private final SnapshotSource snapshots;
  private final TrafficReports reports;
  private final TrafficListener listener;
  private final TrustedProxies trusted;
  private final Function<UpstreamTls, SslContext> tls;
  private final TunnelFactory tunnels;
  private final ServerLimits limits;
  private final StickyKey stickyKey;

  private final List<EngineLoop> workers = new CopyOnWriteArrayList<>();
  private final FastThreadLocal<EngineLoop> engineLoop = new FastThreadLocal<>();

  private final HoldCounters holdCounters = new HoldCounters();

  private final Runnable unsubscribe;

  /** Written on the monitor's thread only. */
  private Snapshot lastSnapshot;

  /**
   * Starts to follow the snapshots.
   *
   * @param tls the client-side context for that setting; asked for each new connection to an https
   *     server, on an event loop, so it must come from memory; verification of the host name is the
   *     engine's own
   * @param limits on servers' responses
   * @param stickyKey what sticky cookies are made with
   */
  public Engine(
      SnapshotSource snapshots,
      TrafficReports reports,
      TrafficListener listener,
      TrustedProxies trusted,
      Function<UpstreamTls, SslContext> tls,
      TunnelFactory tunnels,
      ServerLimits limits,
      StickyKey stickyKey) {
    this.snapshots = snapshots;
    this.reports = reports;
    this.listener = GuardedListener.of(listener);
    this.trusted = trusted;
    this.tls = tls;
    this.tunnels = tunnels;
    this.limits = limits;
    this.stickyKey = stickyKey;
    this.lastSnapshot = snapshots.current();
    this.unsubscribe = snapshots.subscribe(this::published);
  }

  /** With {@link ServerLimits#DEFAULT} and {@link StickyKey#DERIVED}. */
  public Engine(
      SnapshotSource snapshots,
      TrafficReports reports,
      TrafficListener listener,
      TrustedProxies trusted,
      Function<UpstreamTls, SslContext> tls,
      TunnelFactory tunnels) {
    this(
        snapshots,
        reports,
        listener,
        trusted,
        tls,
        tunnels,
        ServerLimits.DEFAULT,
        StickyKey.DERIVED);
  }

  /** A new exchange, not yet started. To be called on {@code loop}, the client channel's own. */
  public Exchange exchange(ProxyRequest request, Downstream downstream, EventLoop loop) {
    EngineLoop here = engineLoop.getIfExists();
    if (here == null || here.loop() != loop) {
      here = new EngineLoop(this, loop);
      engineLoop.set(here);
      workers.add(here);
    }
    return new Exchange(here, request, downstream);
  }

  /**
   * Our process stops: event streams end spread over that time, all other exchanges at its end if
   * they have not ended by themselves.
   */
  public void stop(Duration grace) {
    onAll(each -> each.stop(grace));
  }

  /** Closes idle connections to servers and follows snapshots no longer; exchanges finish. */
  @Override
  public void close() {
    unsubscribe.run();
    onAll(EngineLoop::close);
  }

  SnapshotSource snapshots() {
    return snapshots;
  }

  TrafficReports reports() {
    return reports;
  }

  TrafficListener listener() {
    return listener;
  }

  TrustedProxies trusted() {
    return trusted;
  }

  Function<UpstreamTls, SslContext> tls() {
    return tls;
  }

  TunnelFactory tunnels() {
    return tunnels;
  }

  ServerLimits limits() {
    return limits;
  }

  StickyKey stickyKey() {
    return stickyKey;
  }

  HoldCounters holdCounters() {
    return holdCounters;
  }

  /** Lets waiting requests on all loops look again. */
  void wake(PoolId pool) {
    onAll(each -> each.holds().release(pool, 1));
  }

  /** Each snapshot that matters goes to each loop, in order, so that none misses a DOWN. */
  private void published(Snapshot snapshot) {
    Snapshot before = lastSnapshot;
    lastSnapshot = snapshot;
    if (matters(before, snapshot)) {
      onAll(each -> each.snapshotChanged(snapshot));
    }
  }

  /** Most snapshots bring the result of a probe and nothing that a running request depends on. */
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
        && ResponseLifetime.isJudgedBySilence(before) == ResponseLifetime.isJudgedBySilence(now)
        && before.server().equals(now.server());
  }

  private void onAll(Consumer<EngineLoop> action) {
    workers.removeIf(each -> !runOn(each, action));
  }

  /** From 0 to below {@code bound}, which may be 0. */
  static long random(long bound) {
    return bound <= 0 ? 0 : ThreadLocalRandom.current().nextLong(bound);
  }

  /** Returns whether it still has an event loop. */
  private static boolean runOn(EngineLoop engineLoop, Consumer<EngineLoop> action) {
    try {
      engineLoop.loop().execute(() -> action.accept(engineLoop));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }
}
