package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.StickySettings;
import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.RequestIds;
import dev.understudy.proxy.session.StickyCookies;
import dev.understudy.proxy.upstream.ConnectionPool;
import dev.understudy.proxy.upstream.SocketTypes;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the engine keeps on one event loop: running exchanges, connections, waiting requests, and
 * one coarse tick that stands for all their timers. Touched on that loop only.
 */
final class EngineLoop {
  static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Engine engine;
  private final EventLoop loop;
  private final Class<? extends Channel> channelType;
  private final RequestIds ids = new RequestIds();
  private final HeadWriter heads = new HeadWriter();
  private final TickClock ticks = new TickClock(TICK_NANOS);
  private final HoldQueue holds = new HoldQueue();
  private final LongObjectHashMap<ConnectionPool> connections = new LongObjectHashMap<>();
  private final Map<PoolId, StickyCookies> cookies = new HashMap<>();
  private final List<Forwarding> running = new ArrayList<>();

  private boolean ticking;
  private boolean closed;

  /** By when all exchanges have to end; {@code Long.MAX_VALUE}: we are not stopping. */
  private long stopClock = Long.MAX_VALUE;

  private int turn;

  EngineLoop(Engine engine, EventLoop loop) {
    this.engine = engine;
    this.loop = loop;
    this.channelType = SocketTypes.forLoop(loop);
  }

  Engine engine() {
    return engine;
  }

  EventLoop loop() {
    return loop;
  }

  RequestIds ids() {
    return ids;
  }

  /** In use only within one call. */
  HeadWriter heads() {
    return heads;
  }

  HoldQueue holds() {
    return holds;
  }

  /** Whose turn it is in balance connections; grows with each request that takes it. */
  int turn(boolean take) {
    return take ? turn++ : turn;
  }

  TickClock ticks() {
    return ticks;
  }

  /** What the {@link TickClock} shows. */
  long clock() {
    return ticks.now();
  }

  /** How many exchanges run. */
  int size() {
    return running.size();
  }

  /**
   * Our process stops: all exchanges end within that time.
   *
   * @param grace from now on
   */
  void stop(Duration grace) {
    stopClock = clock() + grace.toNanos();
    for (Forwarding each : running) {
      each.stopping();
    }
  }

  boolean isStopping() {
    return stopClock != Long.MAX_VALUE;
  }

  /** For how long exchanges may still run; negative: no longer. */
  long stopLeftNanos() {
    return stopClock - clock();
  }

  void enter(Forwarding exchange) {
    exchange.slot = running.size();
    running.add(exchange);
    startTicking();
  }

  void leave(Forwarding exchange) {
    int last = running.size() - 1;
    Forwarding moved = running.remove(last);
    if (moved != exchange) {
      running.set(exchange.slot, moved);
      moved.slot = exchange.slot;
    }
  }

  /** What this loop knows of a server, which must have an address. */
  ConnectionPool connections(ServerState server, PoolState pool, InetSocketAddress address) {
    ConnectionPool known = connections.get(server.incarnation());
    if (known == null) {
      known =
          new ConnectionPool(
              server, address, pool, loop, channelType, engine.tls(), engine.limits());
      if (closed) {
        known.idle().close();
      }
      connections.put(server.incarnation(), known);
    }
    return known;
  }

  @Nullable ConnectionPool knownConnections(ServerState server) {
    return connections.get(server.incarnation());
  }

  /** The sticky cookies of that pool; null: it has none. */
  @Nullable StickyCookies cookies(Pool pool) {
    StickySettings sticky = pool.sticky();
    if (sticky == null) {
      return null;
    }
    StickyCookies known = cookies.get(pool.id());
    if (known == null || !known.isFor(pool)) {
      known = new StickyCookies(pool, sticky, engine.stickyKey());
      cookies.put(pool.id(), known);
    }
    return known;
  }

  /** Something that requests wait for may have come; they look after the present call. */
  void wake() {
    loop.execute(holds::tick);
  }

  /** One of those who wait for a place may find one; it looks after the present call. */
  void wake(PoolId pool) {
    loop.execute(() -> holds.release(pool, 1));
  }

  void snapshotChanged(Snapshot snapshot) {
    // This loop may be behind: what it keeps was made by the newest one.
    Snapshot newest = engine.snapshots().current();
    cookies.keySet().removeIf(pool -> newest.pool(pool) == null);
    retirePeers(newest);
    for (int i = running.size() - 1; i >= 0; i--) {
      if (i < running.size()) {
        running.get(i).snapshotChanged(snapshot);
      }
    }
    holds.tick();
  }

  private void retirePeers(Snapshot snapshot) {
    Iterator<ConnectionPool> all = connections.values().iterator();
    while (all.hasNext()) {
      ConnectionPool known = all.next();
      ServerState then = known.server();
      PoolState pool = snapshot.pool(then.pool());
      ServerState now = pool == null ? null : pool.server(then.server().id());
      if (now == null || now.incarnation() != then.incarnation()) {
        all.remove();
        known.idle().close();
      }
    }
  }

  void close() {
    closed = true;
    connections.values().forEach(known -> known.idle().close());
  }

  /** Called also when a connection becomes idle. */
  void startTicking() {
    if (!ticking) {
      ticking = true;
      ticks.start(System.nanoTime());
      plan();
    }
  }

  private void plan() {
    var unused = loop.schedule(this::tick, TICK_NANOS, TimeUnit.NANOSECONDS);
  }

  private void tick() {
    // Whatever fails, above all a listener: time goes on.
    boolean idle = false;
    try {
      idle = judge(System.nanoTime());
    } finally {
      ticking = !idle && !loop.isShuttingDown();
      if (ticking) {
        plan();
      }
    }
  }

  /** Looks at all that waits; returns whether nothing does. */
  private boolean judge(long nowNanos) {
    boolean valid = ticks.tick(nowNanos);
    for (int i = running.size() - 1; i >= 0 && valid; i--) {
      if (i < running.size()) {
        running.get(i).sweep(nowNanos);
      }
    }
    holds.tick();
    boolean idle = running.isEmpty();
    for (ConnectionPool known : connections.values()) {
      known.idle().sweep(nowNanos);
      idle &= known.idle().isEmpty();
    }
    return idle;
  }
}
