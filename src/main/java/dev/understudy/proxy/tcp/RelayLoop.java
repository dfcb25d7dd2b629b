package dev.understudy.proxy.tcp;

import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.EngineLoop;
import dev.understudy.proxy.eventloop.LoopTicker;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.frontend.ConnectionLimits;
import dev.understudy.proxy.upstream.SocketTypes;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.traffic.ConnectionEnd;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The relayed connections of one event loop, with their time limits: those that begin or await a
 * server are checked with the engine's tick, those that are open once in a second. Used on that
 * event loop only.
 */
// Snapshots are compared by identity: each publication is another one.
@SuppressWarnings("ReferenceEquality")
final class RelayLoop {
  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  final TcpRelays relays;
  final Engine engine;
  final EngineLoop engineLoop;
  private final EventLoop loop;
  private final boolean epoll;
  private final LoopTicker sweeper;

  /** The connections to servers, by the incarnation that the first one was made to. */
  private final LongObjectHashMap<ServerConnections> servers = new LongObjectHashMap<>();

  /** Connections that are not open yet. */
  private final SlotList<TcpRelay> beginning = new SlotList<>();

  private Snapshot judged;
  private int size;
  private @Nullable CompletableFuture<Void> drained;

  RelayLoop(TcpRelays relays, EngineLoop engineLoop) {
    this.relays = relays;
    this.engine = engineLoop.engine();
    this.engineLoop = engineLoop;
    this.loop = engineLoop.loop();
    this.epoll = SocketTypes.forLoop(loop) == EpollSocketChannel.class;
    this.sweeper = new LoopTicker(loop, SWEEP_NANOS, this::sweep);
    this.judged = engine.snapshots().current();
    engineLoop.alsoCheck(this::tick);
  }

  /**
   * Closes the connection that has begun longest ago and has not shown yet what it wants, to make
   * room for others; returns whether there was one. Those that have begun less than 1 s ago are
   * spared: with nearly all connections busy, the newest would be closed otherwise.
   */
  boolean shed() {
    TcpRelay[] oldest = new TcpRelay[1];
    long[] since = {System.nanoTime() - ConnectionLimits.SPARED_NANOS};
    beginning.forEach(
        each -> {
          if (each.isBeginning() && each.startedNanos() - since[0] < 0) {
            oldest[0] = each;
            since[0] = each.startedNanos();
          }
        });
    if (oldest[0] != null) {
      oldest[0].cut(ConnectionEnd.REFUSED);
    }
    return oldest[0] != null;
  }

  /**
   * Creates a socket for a connection to that address.
   *
   * @throws io.netty.channel.ChannelException if there is no descriptor for it
   */
  SocketChannel socket(@Nullable InetSocketAddress to) {
    return engine
        .sockets()
        .make(() -> epoll ? EpollSocketOperations.forAddress(to) : new NioSocketChannel());
  }

  /** Adds a connection that begins. */
  void begin(TcpRelay relay) {
    beginning.add(relay);
    size++;
    engineLoop.startTicking();
  }

  /** The connection is open, and belongs to its server. */
  void opened(TcpRelay relay) {
    beginning.remove(relay);
    sweeper.start();
  }

  /** The connection is not open any more: it awaits another server. */
  void awaits(TcpRelay relay) {
    beginning.add(relay);
    engineLoop.startTicking();
  }

  /** Removes a connection that has ended. */
  void ended(TcpRelay relay) {
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

  /**
   * Judges all connections by the newest snapshot, unless that was done. Called before bytes are
   * passed to a server, too: after a snapshot that moves serving, the old server gets no more.
   */
  void refresh() {
    Snapshot newest = engine.snapshots().current();
    if (newest == judged) {
      return;
    }
    judged = newest;
    for (ServerConnections each : new ArrayList<>(servers.values())) {
      PoolState pool = newest.pool(each.pool().id());
      each.judge(pool);
    }
    beginning.forEach(TcpRelay::reconsider);
    servers
        .entrySet()
        .removeIf(
            each ->
                each.getValue().isEmpty() && !isCurrent(each.getKey(), each.getValue(), newest));
    engineLoop.wake();
  }

  private static boolean isCurrent(
      long incarnation, ServerConnections connections, Snapshot snapshot) {
    PoolState pool = snapshot.pool(connections.pool().id());
    ServerState now = pool == null ? null : pool.server(connections.server().server().id());
    return now != null && now.incarnation() == incarnation;
  }

  /**
   * Resets all connections after a grace time.
   *
   * @return completed when none is left
   */
  CompletableFuture<Void> drain(Duration grace) {
    drained = new CompletableFuture<>();
    var unused = loop.schedule(this::stop, grace.toNanos(), TimeUnit.NANOSECONDS);
    completeIfEmpty();
    return drained;
  }

  private void stop() {
    beginning.forEach(relay -> relay.cut(ConnectionEnd.STOPPING));
    forEachServer(each -> each.cut(ConnectionEnd.STOPPING));
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
      long now = engineLoop.clock();
      beginning.forEach(relay -> relay.checkBeginning(now));
      relays.limits.makeRoomLater(this::shed);
      for (ServerConnections each : servers.values()) {
        awaited |= each.checkSilence(now, nowNanos);
      }
    }
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
