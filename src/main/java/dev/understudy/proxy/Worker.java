package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.StickySettings;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
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
 *
 * <p>The tick keeps a clock of its own. A tick that comes late, because this process had a pause,
 * moves that clock by one period only: a pause of ours counts against nobody.
 */
final class Worker {
  static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Engine engine;
  private final EventLoop loop;
  private final Class<? extends Channel> channelType;
  private final RequestIds ids = new RequestIds();
  private final HoldQueue holds = new HoldQueue();
  private final LongObjectHashMap<Peer> peers = new LongObjectHashMap<>();
  private final Map<PoolId, StickyCookies> cookies = new HashMap<>();
  private final List<Forwarding> running = new ArrayList<>();

  private long clock;
  private long lastTickNanos;
  private boolean ticking;
  private boolean voided;
  private boolean closed;
  private int turn;

  Worker(Engine engine, EventLoop loop) {
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

  HoldQueue holds() {
    return holds;
  }

  /** Grows with each request of a balance pool. */
  int nextTurn() {
    return turn++;
  }

  /** A moment that is not before the present one, to measure {@code clock - mark} from. */
  long mark() {
    return clock + TICK_NANOS;
  }

  long clock() {
    return clock;
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
  Peer peer(ServerState server, PoolState pool, InetSocketAddress address) {
    Peer peer = peers.get(server.incarnation());
    if (peer == null) {
      peer = new Peer(server, address, pool, loop, channelType, engine.tls());
      if (closed) {
        peer.idle().close();
      }
      peers.put(server.incarnation(), peer);
    }
    return peer;
  }

  @Nullable Peer knownPeer(ServerState server) {
    return peers.get(server.incarnation());
  }

  /** The sticky cookies of that pool; null: it has none. */
  @Nullable StickyCookies cookies(Pool pool) {
    StickySettings sticky = pool.sticky();
    if (sticky == null) {
      return null;
    }
    StickyCookies known = cookies.get(pool.id());
    if (known == null || !known.isFor(pool)) {
      known = new StickyCookies(pool, sticky);
      cookies.put(pool.id(), known);
    }
    return known;
  }

  /** Something that requests wait for may have come; they look after the present call. */
  void wake() {
    loop.execute(holds::tick);
  }

  void snapshotChanged(Snapshot snapshot) {
    cookies.keySet().removeIf(pool -> snapshot.pool(pool) == null);
    retirePeers(snapshot);
    for (int i = running.size() - 1; i >= 0; i--) {
      if (i < running.size()) {
        running.get(i).snapshotChanged(snapshot);
      }
    }
    holds.tick();
  }

  private void retirePeers(Snapshot snapshot) {
    Iterator<Peer> all = peers.values().iterator();
    while (all.hasNext()) {
      Peer peer = all.next();
      ServerState then = peer.server();
      PoolState pool = snapshot.pool(then.pool());
      ServerState now = pool == null ? null : pool.server(then.server().id());
      if (now == null || now.incarnation() != then.incarnation()) {
        all.remove();
        peer.idle().close();
      }
    }
  }

  void close() {
    closed = true;
    peers.values().forEach(peer -> peer.idle().close());
  }

  /** Called also when a connection becomes idle. */
  void startTicking() {
    if (!ticking) {
      ticking = true;
      lastTickNanos = System.nanoTime();
      plan();
    }
  }

  private void plan() {
    var unused = loop.schedule(this::tick, TICK_NANOS, TimeUnit.NANOSECONDS);
  }

  private void tick() {
    long now = System.nanoTime();
    long elapsed = now - lastTickNanos;
    lastTickNanos = now;
    boolean late = elapsed > 2 * TICK_NANOS;
    clock += late ? TICK_NANOS : elapsed;
    // What arrived during a pause of ours is read before the next tick; then it is judged again,
    // late or not, so that constant overload does not void all time limits.
    voided = late && !voided;
    for (int i = running.size() - 1; i >= 0 && !voided; i--) {
      if (i < running.size()) {
        running.get(i).sweep(now);
      }
    }
    holds.tick();
    boolean idle = running.isEmpty();
    for (Peer peer : peers.values()) {
      peer.idle().sweep(now);
      idle &= peer.idle().isEmpty();
    }
    if (idle || loop.isShuttingDown()) {
      ticking = false;
    } else {
      plan();
    }
  }
}
