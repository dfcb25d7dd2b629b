package dev.understudy.proxy.tcp;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.Balancer;
import dev.understudy.proxy.HoldQueue;
import dev.understudy.proxy.eventloop.LoopTicker;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.front.ConnectionLimits;
import dev.understudy.proxy.upstream.SocketTypes;
import dev.understudy.proxy.upstream.UpstreamSockets;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The relayed connections of one event loop, with their time limits: a tick of 50 ms while
 * connections begin or a server is awaited, and one of a second for those that are open. Used on
 * that event loop only.
 */
// Snapshots are compared by identity: each publication is another one.
@SuppressWarnings("ReferenceEquality")
final class RelayLoop {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final TcpRelays relays;
  private final EventLoop loop;
  private final boolean epoll;
  private final LoopTicker ticker;
  private final LoopTicker sweeper;
  private final HoldQueue holds = new HoldQueue();

  /** By the incarnation that the first connection was made to. */
  private final LongObjectHashMap<ServerConnections> servers = new LongObjectHashMap<>();

  /** Connections that are not open yet. */
  private final SlotList<Relay> beginning = new SlotList<>();

  private final AtomicBoolean refreshPosted = new AtomicBoolean();
  private Snapshot judged;
  private final Map<PoolId, Balancer> balancers = new HashMap<>();

  /** The number of this event loop among all. */
  private final int ordinal;

  private int size;
  private @Nullable CompletableFuture<Void> drained;

  RelayLoop(TcpRelays relays, EventLoop loop) {
    this.relays = relays;
    this.ordinal = relays.nextOrdinal();
    this.loop = loop;
    this.epoll = SocketTypes.forLoop(loop) == EpollSocketChannel.class;
    this.ticker = new LoopTicker(loop, TICK_NANOS, this::tick);
    this.sweeper = new LoopTicker(loop, SWEEP_NANOS, this::sweep);
    this.judged = relays.snapshots().current();
  }

  /**
   * Closes the connection that has begun longest ago and has not said yet what it wants, to make
   * room for others; returns whether there was one. Those that have begun less than 1 s ago are
   * spared: with nearly all connections busy, the newest would be closed otherwise.
   */
  boolean shed() {
    long since = System.nanoTime() - ConnectionLimits.SPARED_NANOS;
    Relay[] oldest = new Relay[1];
    beginning.forEach(
        each -> {
          if (each.isBeginning()
              && each.startedBefore(since)
              && (oldest[0] == null || each.isOlderThan(oldest[0]))) {
            oldest[0] = each;
          }
        });
    if (oldest[0] == null) {
      return false;
    }
    oldest[0].shed();
    return true;
  }

  TcpRelays relays() {
    return relays;
  }

  EventLoop loop() {
    return loop;
  }

  HoldQueue holds() {
    return holds;
  }

  /**
   * Creates a socket for a connection to that address.
   *
   * @throws io.netty.channel.ChannelException if there is no descriptor for it
   */
  SocketChannel socket(@Nullable InetSocketAddress to) {
    return UpstreamSockets.SHARED.make(
        () -> epoll ? PlainSockets.forAddress(to) : new NioSocketChannel());
  }

  /** The balancer of a balance pool. */
  Balancer balancer(Pool pool) {
    Balancer known = balancers.get(pool.id());
    if (known == null || !known.isFor(pool)) {
      known = Balancer.of(pool, ordinal, ThreadLocalRandom.current());
      balancers.put(pool.id(), known);
    }
    return known;
  }

  /** The time of the tick, in nanoseconds; stands still while nothing begins or is awaited. */
  long clock() {
    return ticker.clock().now();
  }

  /** Starts the tick if need be; returns a mark to measure from. */
  long startTicking() {
    ticker.start();
    return ticker.clock().mark();
  }

  /** Adds a connection that begins. */
  void begin(Relay relay) {
    beginning.add(relay);
    size++;
    ticker.start();
  }

  /** The connection is open, and belongs to its server. */
  void opened(Relay relay) {
    beginning.remove(relay);
    sweeper.start();
  }

  /** The connection is not open any more: it awaits another server. */
  void awaits(Relay relay) {
    beginning.add(relay);
    ticker.start();
  }

  /** Removes a connection that has ended. */
  void ended(Relay relay) {
    beginning.remove(relay);
    size--;
    completeIfEmpty();
  }

  /** The state of this loop's connections to a server, created on first use. */
  ServerConnections connections(PoolState pool, ServerState server) {
    ServerConnections known = servers.get(server.incarnation());
    if (known == null) {
      known = new ServerConnections(this, pool, server);
      servers.put(server.incarnation(), known);
    }
    return known;
  }

  @Nullable ServerConnections known(ServerState server) {
    return servers.get(server.incarnation());
  }

  /** Schedules a judgement by the newest snapshot. Callable from any thread. */
  void changed() {
    if (!loop.isShuttingDown() && refreshPosted.compareAndSet(false, true)) {
      try {
        loop.execute(
            () -> {
              refreshPosted.set(false);
              refresh();
            });
      } catch (RejectedExecutionException e) {
        // The event loop has shut down since: nothing is left to judge.
      }
    }
  }

  /**
   * Judges all connections by the newest snapshot, unless that was done. Called before bytes are
   * passed to a server, too: after a snapshot that moves serving, the old server gets no more.
   */
  void refresh() {
    Snapshot newest = relays.snapshots().current();
    if (newest == judged) {
      return;
    }
    judged = newest;
    balancers.keySet().removeIf(pool -> newest.pool(pool) == null);
    for (ServerConnections each : new ArrayList<>(servers.values())) {
      PoolState pool = newest.pool(each.pool().id());
      each.judge(pool);
    }
    beginning.forEach(Relay::snapshotChanged);
    servers.values().removeIf(each -> each.isEmpty() && !isCurrent(each, newest));
    wake();
  }

  private static boolean isCurrent(ServerConnections connections, Snapshot snapshot) {
    PoolState pool = snapshot.pool(connections.pool().id());
    ServerState then = connections.server();
    ServerState now = pool == null ? null : pool.server(then.server().id());
    return now != null && now.incarnation() == then.incarnation();
  }

  /** Releases held connections after the current call, as far as servers are available. */
  void wake() {
    loop.execute(holds::tick);
  }

  /**
   * Reports trouble with a server to the monitor.
   *
   * @param agoNanos nanoseconds since it began
   */
  void trouble(ServerState server, Trouble trouble, long agoNanos, String detail) {
    String bounded = detail.length() > 200 ? detail.substring(0, 200) : detail;
    relays
        .reports()
        .trouble(server, trouble, relays.snapshots().now().minusNanos(agoNanos), bounded);
  }

  /**
   * Resets all connections after a grace time.
   *
   * @return completed when none is left
   */
  CompletableFuture<Void> drain(Duration grace) {
    CompletableFuture<Void> empty = new CompletableFuture<>();
    drained = empty;
    var unused = loop.schedule(this::stop, grace.toNanos(), TimeUnit.NANOSECONDS);
    completeIfEmpty();
    return empty;
  }

  private void stop() {
    beginning.forEach(Relay::stop);
    forEachServer(each -> each.forEach(Relay::stop));
  }

  private void completeIfEmpty() {
    if (drained != null && size == 0) {
      drained.complete(null);
    }
  }

  private void forEachServer(Consumer<ServerConnections> action) {
    if (!servers.isEmpty()) {
      new ArrayList<>(servers.values()).forEach(action);
    }
  }

  private boolean tick(boolean valid, long nowNanos) {
    boolean awaited = false;
    if (valid) {
      long now = clock();
      beginning.forEach(relay -> relay.checkBeginning(now));
      if (relays.limits().isFull()) {
        shed();
      }
      for (ServerConnections each : servers.values()) {
        awaited |= each.checkSilence(now, nowNanos);
      }
    }
    holds.tick();
    return awaited || !valid || !beginning.isEmpty();
  }

  private boolean sweep(boolean valid, long nowNanos) {
    long now = sweeper.clock().now();
    if (valid) {
      forEachServer(each -> each.sweep(now));
    }
    return size > 0;
  }

  /** The time of the sweep, in nanoseconds; counts while connections are open. */
  long sweepClock() {
    return sweeper.clock().now();
  }
}
