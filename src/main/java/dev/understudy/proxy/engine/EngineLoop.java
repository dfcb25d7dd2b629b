package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.StickySettings;
import dev.understudy.proxy.eventloop.LoopTicker;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.eventloop.TickClock;
import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.RequestIds;
import dev.understudy.proxy.session.SessionStore;
import dev.understudy.proxy.upstream.ConnectionPool;
import dev.understudy.proxy.upstream.SocketTypes;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The engine's state for one event loop: running exchanges, connection pools, held requests, and
 * one coarse tick that drives all their time limits. Used on that event loop only.
 */
public final class EngineLoop {
  static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Engine engine;
  private final EventLoop loop;
  private final Class<? extends Channel> channelType;
  private final RequestIds ids = new RequestIds();
  private final HeadWriter heads = new HeadWriter();
  private final LoopTicker ticker;
  private final HoldQueue holds = new HoldQueue();
  private final AttemptReports reports = new AttemptReports(this);
  private final LongObjectHashMap<ConnectionPool> connections = new LongObjectHashMap<>();
  private final Map<PoolId, SessionStore> sessions = new HashMap<>();
  private final SlotList<ForwardingExchange> running = new SlotList<>();

  /** Checks the limits of relayed TCP connections. */
  private LoopTicker.Check relayed = (valid, nowNanos) -> false;

  private boolean closed;

  /**
   * The time at which all exchanges end, by the {@link TickClock}; {@code Long.MAX_VALUE} unless
   * the process is stopping.
   */
  private long stopClock = Long.MAX_VALUE;

  private final Map<PoolId, Balancer> balancers = new HashMap<>();

  /** The number of this event loop among all. */
  private final int ordinal;

  EngineLoop(Engine engine, EventLoop loop) {
    this.engine = engine;
    this.ordinal = engine.nextOrdinal();
    this.loop = loop;
    this.channelType = SocketTypes.forLoop(loop);
    this.ticker = new LoopTicker(loop, TICK_NANOS, this::tick);
  }

  public Engine engine() {
    return engine;
  }

  public EventLoop loop() {
    return loop;
  }

  /**
   * Runs a task once the event loop has looked for input that has arrived by now, of which it reads
   * some buffers of each connection. Tasks of the same round share the look.
   */
  void afterInput(Runnable task) {
    // What input or a task executes runs in the tasks' turn of this round, and what a task
    // schedules in that of the next, before which there is a look for input.
    loop.execute(
        () -> {
          var unused = loop.schedule(task, 0, TimeUnit.NANOSECONDS);
        });
  }

  RequestIds ids() {
    return ids;
  }

  /** A shared writer, not to be kept beyond one call. */
  HeadWriter heads() {
    return heads;
  }

  HoldQueue holds() {
    return holds;
  }

  AttemptReports reports() {
    return reports;
  }

  /** The balancer of a balance pool. */
  Balancer balancer(Pool pool) {
    Balancer known = balancers.get(pool.id());
    if (known == null || !known.isFor(pool)) {
      known = Balancer.of(pool, engine.zone, ordinal, ThreadLocalRandom.current());
      balancers.put(pool.id(), known);
    }
    return known;
  }

  TickClock ticks() {
    return ticker.clock();
  }

  /** The time of the {@link TickClock}, in nanoseconds; stands still while nothing is awaited. */
  public long clock() {
    return ticker.clock().now();
  }

  /** Starts the tick if need be; returns a mark to measure from. */
  public long startTicking() {
    ticker.start();
    return ticker.clock().mark();
  }

  /** Has the limits of relayed TCP connections checked on each tick, too. */
  public void alsoCheck(LoopTicker.Check check) {
    relayed = check;
  }

  /** The number of running exchanges. */
  int size() {
    return running.size();
  }

  /**
   * Ends all exchanges within a grace time.
   *
   * @param grace from now
   */
  void stop(Duration grace) {
    stopClock = clock() + grace.toNanos();
    running.forEach(ForwardingExchange::stopping);
  }

  boolean isStopping() {
    return stopClock != Long.MAX_VALUE;
  }

  /** Nanoseconds for which exchanges may still run; negative once that time is over. */
  long stopLeftNanos() {
    return stopClock - clock();
  }

  void enter(ForwardingExchange exchange) {
    running.add(exchange);
    ticker.start();
  }

  void leave(ForwardingExchange exchange) {
    running.remove(exchange);
  }

  /** Returns this event loop's connection pool for a server, created on first use. */
  ConnectionPool connections(PoolState pool, ServerState server) {
    ConnectionPool known = connections.get(server.incarnation());
    if (known == null || !known.isFor(pool)) {
      if (known != null) {
        known.close();
      }
      known =
          new ConnectionPool(
              server,
              Objects.requireNonNull(server.address()),
              pool,
              loop,
              channelType,
              engine.tls(),
              engine.limits,
              engine.sockets,
              engine.windows);
      if (closed) {
        known.close();
      }
      connections.put(server.incarnation(), known);
    }
    return known;
  }

  /** The sessions of a pool; null if it keeps none. */
  @Nullable SessionStore sessions(Pool pool) {
    StickySettings sticky = pool.settings().sticky();
    if (sticky == null) {
      return null;
    }
    SessionStore known = sessions.get(pool.id());
    if (known == null || !known.isFor(pool)) {
      known = SessionStore.of(pool, sticky, engine.stickyKey, engine.sessionTables, engine.trusted);
      sessions.put(pool.id(), known);
    }
    return known;
  }

  /** Releases held requests after the current call, as far as servers are available. */
  public void wake() {
    loop.execute(holds::tick);
  }

  /**
   * Releases one held request of the pool after the current call, as a place at a server may be
   * free.
   */
  void wake(PoolId pool) {
    loop.execute(() -> holds.release(pool, 1));
  }

  void snapshotChanged(Snapshot snapshot) {
    // This event loop may lag behind; its state may have been made from the newest snapshot
    // already.
    Snapshot newest = engine.snapshots().current();
    sessions.keySet().removeIf(pool -> newest.pool(pool) == null);
    balancers.keySet().removeIf(pool -> newest.pool(pool) == null);
    retireConnections(newest);
    running.forEach(each -> each.snapshotChanged(snapshot));
    holds.tick();
  }

  private void retireConnections(Snapshot snapshot) {
    Iterator<ConnectionPool> all = connections.values().iterator();
    while (all.hasNext()) {
      ConnectionPool known = all.next();
      ServerState then = known.server();
      PoolState pool = snapshot.pool(then.pool());
      ServerState now = pool == null ? null : pool.server(then.server().id());
      if (now == null || now.incarnation() != then.incarnation()) {
        all.remove();
        known.close();
      }
    }
  }

  /** Closes idle connections to servers, to make room for others. */
  void closeIdle() {
    connections.values().forEach(ConnectionPool::closeIdle);
  }

  void close() {
    closed = true;
    connections.values().forEach(ConnectionPool::close);
  }

  /** Checks all time limits; returns whether anything is left to check. */
  private boolean tick(boolean valid, long nowNanos) {
    if (valid) {
      running.forEach(each -> each.sweep(nowNanos));
    }
    boolean needed = relayed.tick(valid, nowNanos);
    holds.tick();
    needed |= !running.isEmpty();
    for (ConnectionPool known : connections.values()) {
      known.sweep(nowNanos);
      needed |= known.needsSweep();
    }
    return needed;
  }
}
