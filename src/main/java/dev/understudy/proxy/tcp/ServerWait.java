package dev.understudy.proxy.tcp;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.Balancer;
import dev.understudy.proxy.ConnectionSelector;
import dev.understudy.proxy.ConnectionSelector.Kind;
import dev.understudy.proxy.ConnectionSelector.Selection;
import dev.understudy.proxy.HoldCounters;
import dev.understudy.proxy.HoldQueue;
import dev.understudy.proxy.SuspectServer;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.Limit;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds a server for one connection, and holds the connection while none is available. */
// Queues have identity only.
@SuppressWarnings("ReferenceEquality")
final class ServerWait implements HoldQueue.Waiter {
  /** The connection that needs a server. */
  interface Client {
    /** A server was found, and one of its places taken. */
    void found(PoolState pool, ServerState server);

    /** The client's address; null if it is not known. */
    @Nullable InetAddress address();

    /** No server became available. */
    void refused(ConnectionEnd end);
  }

  private final RelayLoop loop;
  private final PoolId pool;
  private final Client client;
  private Set<Long> failed = Set.of();
  private @Nullable ServerTraffic line;
  private @Nullable ServerTraffic full;
  private int fullServers;
  private boolean waited;
  private boolean held;

  /** Whether this connection is one of those that the pool may hold. */
  private boolean counted;

  /** The server that broke this connection off; null if none did, or the doubt is over. */
  private @Nullable SuspectServer doubt;

  private long ticket;
  private long sinceClock;
  private long heldNanos;

  ServerWait(RelayLoop loop, PoolId pool, Client client) {
    this.loop = loop;
    this.pool = pool;
    this.client = client;
  }

  /** Time spent in hold so far, in nanoseconds. */
  long heldNanos() {
    return heldNanos;
  }

  boolean isHeld() {
    return held;
  }

  private @Nullable PoolState state() {
    return loop.relays().snapshots().current().pool(pool);
  }

  /** Looks for a server now. */
  void acquire() {
    PoolState state = state();
    Selection selection = select(state, true);
    if (state != null && selection.kind() == Kind.UNDECIDED && begin(state.pool().hold())) {
      return;
    }
    while (state != null && selection.server() != null) {
      ServerState server = selection.server();
      if (loop.connections(state, server).backoff().admits()) {
        if (ConnectionSelector.takePlace(server)) {
          leave();
          client.found(state, server);
          return;
        }
        foundFull(server);
      }
      if (!failedOn(server)) {
        break;
      }
      selection = select(state, true);
    }
    if (state == null || selection.kind() == Kind.REFUSED || state.pool().hold().time().isZero()) {
      client.refused(ConnectionEnd.NO_SERVER);
    } else {
      hold(state.pool().hold());
    }
  }

  /**
   * Records that the server could not be used; returns whether to try another one at once, as in
   * balance pools.
   */
  boolean failedOn(ServerState server) {
    PoolState state = state();
    if (state == null || state.pool().mode() != Mode.BALANCE) {
      return false;
    }
    if (failed.isEmpty()) {
      failed = new HashSet<>();
    }
    return failed.add(server.incarnation());
  }

  /**
   * Looks for a server again after one broke the connection off before any byte: at once if another
   * one is selected, else when another is, or a probe shows that this one is alive, and after
   * {@code hold.time} at the latest.
   *
   * @param since when it did so, by the monitor's clock
   * @return false if the connection may not wait
   */
  boolean settle(ServerState from, Instant since) {
    SuspectServer suspect = new SuspectServer(from, since, true);
    failedOn(from);
    PoolState state = state();
    Selection selection = select(state, false);
    ServerState next = selection.kind() == Kind.SERVER ? selection.server() : null;
    if (next != null && !suspect.isAbout(next)) {
      acquire();
      return true;
    }
    boolean waits = state != null && begin(state.pool().hold());
    doubt = waits ? suspect : null;
    return waits;
  }

  private Selection select(@Nullable PoolState state, boolean takesTurn) {
    fullServers = 0;
    Balancer balancer = null;
    if (state != null && state.pool().mode() == Mode.BALANCE) {
      balancer = loop.balancer(state.pool());
      InetAddress address = client.address();
      balancer.begin(address == null ? 0 : address.hashCode());
    }
    ServerId session =
        state == null ? null : loop.relays().sessions().find(state, client.address());
    return ConnectionSelector.select(
        state,
        session,
        session == null ? Instant.EPOCH : loop.relays().snapshots().now(),
        failed,
        balancer,
        takesTurn,
        this::isFull);
  }

  /** Whether a server has no place; connections held earlier have priority. */
  private boolean isFull(ServerState server) {
    boolean isFull =
        ConnectionSelector.isFull(server)
            || (!waited
                && server.server().maxRequests().isPresent()
                && counters().waitFor(pool, server.traffic()) > 0);
    if (isFull) {
      foundFull(server);
    }
    return isFull;
  }

  private void foundFull(ServerState server) {
    fullServers++;
    full = server.traffic();
  }

  /** The only server whose places this connection waits for; null if there are several, or none. */
  private @Nullable ServerTraffic line() {
    return fullServers == 1 ? full : null;
  }

  private HoldCounters counters() {
    return loop.relays().holdCounters();
  }

  /** Holds the connection until something changes. */
  void hold(HoldSettings hold) {
    if (isUsedUp(hold)) {
      client.refused(ConnectionEnd.NO_SERVER);
    } else if (!begin(hold)) {
      loop.relays().listener().limited(Limit.HELD_REQUESTS);
      client.refused(ConnectionEnd.HOLD_FULL);
    }
  }

  private boolean isUsedUp(HoldSettings hold) {
    return heldNanos >= hold.time().toNanos();
  }

  /** Holds the connection, if it may be held; returns whether it is. */
  private boolean begin(HoldSettings hold) {
    if (isUsedUp(hold) || (!counted && !counters().enter(pool, hold.requests()))) {
      return false;
    }
    counted = true;
    line = line();
    counters().join(pool, line);
    sinceClock = loop.clock();
    ticket = ticket == 0 ? loop.holds().ticket() : ticket;
    loop.holds().add(this, pool, ticket);
    loop.relays().listener().held(pool, 1);
    held = true;
    waited = true;
    failed = Set.of();
    if (line != null && counters().waitFor(pool, line) == 1) {
      // A place that became free before this connection was in the queue has woken nothing.
      loop.loop().execute(() -> loop.holds().release(pool, 1));
    }
    return true;
  }

  @Override
  public boolean canGo() {
    PoolState state = state();
    Selection selection = select(state, false);
    ServerState server = selection.server();
    if (server == null || selection.kind() == Kind.UNDECIDED) {
      move(line());
      return state == null || selection.kind() == Kind.REFUSED;
    }
    if (doubt != null && doubt.isAbout(server)) {
      return false;
    }
    ServerConnections known = loop.known(server);
    return known == null || known.backoff().admits();
  }

  private void move(@Nullable ServerTraffic next) {
    if (held && next != line) {
      counters().join(pool, next);
      counters().quit(pool, line);
      line = next;
    }
  }

  /** Looks again, without giving up the place in the hold: newcomers do not take it. */
  @Override
  public void release() {
    quit();
    doubt = null;
    acquire();
  }

  /** Ends the hold, if there is one. */
  void stop() {
    quit();
    leave();
  }

  private void leave() {
    if (counted) {
      counted = false;
      counters().leave(pool);
    }
  }

  private void quit() {
    if (held) {
      held = false;
      loop.holds().remove(pool, ticket);
      counters().quit(pool, line);
      heldNanos += loop.clock() - sinceClock;
      loop.relays().listener().held(pool, -1);
    }
  }

  /** Enforces {@code hold.time}; called on each tick while the connection is held. */
  void sweep(long clock) {
    PoolState state = state();
    boolean over =
        state != null && heldNanos + clock - sinceClock >= state.pool().hold().time().toNanos();
    boolean unsure = doubt != null || (over && select(state, false).kind() == Kind.UNDECIDED);
    if (state == null || (over && unsure)) {
      release();
    } else if (over) {
      stop();
      client.refused(ConnectionEnd.NO_SERVER);
    }
  }
}
