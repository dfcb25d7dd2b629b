package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.ServerTraffic;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.Mode;
import dev.understudy.proxy.ForwardingPolicy.Facts;
import dev.understudy.proxy.ForwardingPolicy.Plan;
import dev.understudy.proxy.ForwardingPolicy.Why;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.session.SessionStore;
import dev.understudy.proxy.session.SessionStore.Session;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Selects the server for one request: gathers the facts for {@link ForwardingPolicy#plan}. */
final class ServerSelector {
  private final EngineLoop engineLoop;
  private final ProxyRequest request;
  private Set<Long> failed = Set.of();
  private @Nullable Session session;
  private Instant at = Instant.EPOCH;
  private @Nullable PoolState pool;
  private long version;
  private boolean waited;
  private int full;
  private @Nullable ServerState lastFull;

  ServerSelector(EngineLoop engineLoop, ProxyRequest request) {
    this.engineLoop = engineLoop;
    this.request = request;
  }

  /** The pool as the last {@link #plan()} or {@link #look} saw it; null if it does not exist. */
  @Nullable PoolState pool() {
    return pool;
  }

  /** The version of the snapshot that was seen then. */
  long version() {
    return version;
  }

  /** Plans where the request goes, by the newest snapshot. */
  Plan plan() {
    return plan(true);
  }

  /** Plans without taking a turn in a balance pool. */
  Plan look() {
    return plan(false);
  }

  private Plan plan(boolean takesTurn) {
    Snapshot snapshot = engineLoop.engine().snapshots().current();
    PoolState now = snapshot.pool(request.pool());
    pool = now;
    version = snapshot.version();
    SessionStore sessions = now == null ? null : engineLoop.sessions(now.pool());
    session = sessions == null ? null : sessions.session(request);
    Facts facts = new Facts(request.prefer(), session == null ? null : session.server(), failed);
    at = session == null ? Instant.EPOCH : engineLoop.engine().snapshots().now();
    full = 0;
    Balancer balancer = now == null ? null : balancer(now);
    return ForwardingPolicy.plan(facts, now, at, balancer, takesTurn, this::isFull);
  }

  /** The balancer of a balance pool, a selection begun; null for others. */
  private @Nullable Balancer balancer(PoolState now) {
    if (now.pool().mode() != Mode.BALANCE) {
      return null;
    }
    Balancer balancer = engineLoop.balancer(now.pool());
    balancer.begin(balancer.needsClient() ? clientHash() : 0);
    return balancer;
  }

  private int clientHash() {
    InetAddress address =
        engineLoop.engine().trusted().clientAddress(request.client(), request.headers());
    return address == null ? 0 : address.hashCode();
  }

  /** Whether a server has no place for this request; requests held earlier have priority. */
  private boolean isFull(ServerState server) {
    boolean isFull =
        SelectedServer.isFull(server)
            || (!waited
                && server.server().maxRequests().isPresent()
                && engineLoop.engine().holdCounters().waitFor(request.pool(), server.traffic())
                    > 0);
    if (isFull) {
      foundFull(server);
    }
    return isFull;
  }

  /** Records that the server has no place left. */
  void foundFull(ServerState server) {
    full++;
    lastFull = server;
  }

  /**
   * The server whose places this request waits for; null if there are several such servers, or
   * none.
   */
  @Nullable ServerTraffic line() {
    ServerState only = lastFull;
    return full == 1 && only != null ? only.traffic() : null;
  }

  /**
   * Records that the server could not be used; returns whether to try another one at once, as in
   * balance pools.
   */
  boolean failedOnOneOfMany(ServerState server) {
    PoolState now = pool;
    if (now == null || now.pool().mode() != Mode.BALANCE) {
      return false;
    }
    if (failed.isEmpty()) {
      failed = new HashSet<>();
    }
    failed.add(server.incarnation());
    return true;
  }

  /**
   * Records that the request has been held: it yields to no other any more, and may try every
   * server again.
   */
  void waited() {
    waited = true;
    forgetFailures();
  }

  /** Lets the request try every server again. */
  void forgetFailures() {
    failed = Set.of();
  }

  /**
   * Whether the request belongs to a session of the server, because its own cookie, or its address,
   * names the server. A client that gets its cookie only now may not keep it, and would then hold a
   * drained server for good.
   */
  boolean isSession(Plan.Send send) {
    return isOf(session, send.server());
  }

  /** Counts the session of a request that goes to that server, if its cookie names the server. */
  void countSession(ServerState server) {
    Session came = session;
    if (came != null && isOf(came, server)) {
      server.traffic().sessions().seen(came.hash(), at);
    }
  }

  private static boolean isOf(@Nullable Session session, ServerState server) {
    return session != null && session.server().equals(server.server().id());
  }

  /**
   * Learns from the fields of that server's response, and changes its cookies if need be.
   *
   * @return a sticky cookie to set; null if none is needed
   */
  @Nullable String responded(SelectedServer from, HttpHeaders response) {
    SessionStore sessions = engineLoop.sessions(from.pool().pool());
    return sessions == null
        ? null
        : sessions.responded(
            request, session, from.server().server().id(), from.why() == Why.PREFERRED, response);
  }
}
