package dev.understudy.proxy.engine;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.proxy.engine.SelectionPolicy.Facts;
import dev.understudy.proxy.engine.SelectionPolicy.Plan;
import dev.understudy.proxy.engine.SelectionPolicy.Why;
import dev.understudy.proxy.engine.ServerAcquisition.Requester;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Selects the server for one request or TCP connection: gathers the facts for {@link
 * SelectionPolicy#plan}.
 */
final class ServerSelector {
  private final EngineLoop engineLoop;
  private final PoolId id;
  private final Requester requester;
  private Set<Long> failed = Set.of();
  private @Nullable Session session;
  private Instant at = Instant.EPOCH;
  private @Nullable PoolState pool;
  private long version;
  private boolean waited;
  private int full;
  private @Nullable ServerState lastFull;

  ServerSelector(EngineLoop engineLoop, PoolId id, Requester requester) {
    this.engineLoop = engineLoop;
    this.id = id;
    this.requester = requester;
  }

  /** The pool as the last {@link #plan()} or {@link #look} saw it; null if it does not exist. */
  @Nullable PoolState pool() {
    return pool;
  }

  /** The session that was seen then; null if none. */
  @Nullable Session session() {
    return session;
  }

  /** Plans where the requester goes, by the newest snapshot. */
  Plan plan() {
    return plan(true);
  }

  /** Plans without taking a turn in a balance pool. */
  Plan look() {
    return plan(false);
  }

  /**
   * Whether what has not been sent yet may still go to the server, by the newest snapshot and at
   * this moment: a replica gets out of touch with the others without a snapshot.
   */
  boolean mayGoOn(SelectedServer to) {
    if (engineLoop.engine().snapshots().current().version() <= to.version()) {
      return !to.pool().holdsAll();
    }
    Facts facts = facts();
    return SelectionPolicy.mayGoOn(to.server(), facts, pool, at);
  }

  private Plan plan(boolean takesTurn) {
    full = 0;
    Facts facts = facts();
    PoolState now = pool;
    Balancer balancer = now == null ? null : balancer(now);
    return SelectionPolicy.plan(facts, now, at, balancer, takesTurn, this::isFull);
  }

  /** The facts by the newest snapshot, which it keeps. */
  private Facts facts() {
    SnapshotSource snapshots = engineLoop.engine().snapshots();
    Snapshot snapshot = snapshots.current();
    PoolState now = snapshot.pool(id);
    pool = now;
    version = snapshot.version();
    session = now == null ? null : requester.session(now);
    at = session == null ? Instant.EPOCH : snapshots.now();
    boolean excluded =
        now != null && now.maintenance() != null && now.excludes(requester.clientAddress());
    return new Facts(
        now == null ? null : requester.preferred(now),
        session == null ? null : session.server(),
        failed,
        excluded);
  }

  /** The balancer of a balance pool, a selection begun; null for others. */
  private @Nullable Balancer balancer(PoolState now) {
    if (now.pool().mode() != PoolMode.BALANCE) {
      return null;
    }
    Balancer balancer = engineLoop.balancer(now.pool());
    balancer.begin(balancer.needsClient() ? addressHash() : 0);
    return balancer;
  }

  private int addressHash() {
    IpAddress address = requester.clientAddress();
    return address == null ? 0 : address.hashCode();
  }

  /** Whether a server has no place for this requester; those held earlier have priority. */
  private boolean isFull(ServerState server) {
    boolean isFull =
        SelectedServer.isFull(server)
            || (!waited
                && server.server().settings().maxRequests().isPresent()
                && engineLoop.engine().holdCounters.waitFor(id, server.traffic()) > 0);
    if (isFull) {
      foundFull(server);
    }
    return isFull;
  }

  private void foundFull(ServerState server) {
    full++;
    lastFull = server;
  }

  /** Takes a place at the planned server; null if it has none left. */
  @Nullable SelectedServer take(PoolState from, Plan.Send send) {
    ServerState server = send.server();
    if (!SelectedServer.takePlace(server)) {
      foundFull(server);
      return null;
    }
    boolean own = session != null && session.server().equals(server.server().id());
    return new SelectedServer(from, server, send.why() == Why.PREFERRED, own, version);
  }

  /** Counts the request's session, if it is one of the server. */
  void countSession(SelectedServer to) {
    if (to.session() && session != null) {
      to.server().traffic().sessions().seen(session.hash(), at);
    }
  }

  /**
   * The server whose places the requester waits for; null if there are several such servers, or
   * none.
   */
  @Nullable ServerTraffic queue() {
    ServerState only = lastFull;
    return full == 1 && only != null ? only.traffic() : null;
  }

  /**
   * Records that the server could not be used; returns whether to try another one at once, as in
   * balance pools.
   */
  boolean excludeInBalancePool(ServerState server) {
    if (pool == null || pool.pool().mode() != PoolMode.BALANCE) {
      return false;
    }
    if (failed.isEmpty()) {
      failed = new HashSet<>();
    }
    failed.add(server.incarnation());
    return true;
  }

  /**
   * Records that the requester has been held: it yields to no other any more, and may try every
   * server again.
   */
  void waited() {
    waited = true;
    forgetFailures();
  }

  /** Lets the requester try every server again. */
  void forgetFailures() {
    failed = Set.of();
  }
}
