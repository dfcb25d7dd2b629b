package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.ServerTraffic;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.Mode;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.ForwardingPolicy.Facts;
import dev.understudy.proxy.ForwardingPolicy.Plan;
import dev.understudy.proxy.ForwardingPolicy.Why;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.session.StickyCookies;
import dev.understudy.proxy.session.StickyCookies.Session;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Finds the server for one request: gathers what {@link ForwardingPolicy#plan} wants to know. */
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

  /** The pool as the last {@link #plan} saw it; null: there is none. */
  @Nullable PoolState pool() {
    return pool;
  }

  /** Which snapshot that was. */
  long version() {
    return version;
  }

  /** Where the request should go, by the newest snapshot. */
  Plan plan() {
    return plan(true);
  }

  /** Whether it had anywhere to go, were it asked now. */
  Plan look() {
    return plan(false);
  }

  private Plan plan(boolean takesTurn) {
    Snapshot snapshot = engineLoop.engine().snapshots().current();
    PoolState now = snapshot.pool(request.pool());
    pool = now;
    version = snapshot.version();
    StickyCookies cookies = now == null ? null : engineLoop.cookies(now.pool());
    session = cookies == null ? null : cookies.session(request.headers());
    Facts facts = new Facts(request.prefer(), session == null ? null : session.server(), failed);
    at = session == null ? Instant.EPOCH : engineLoop.engine().snapshots().now();
    full = 0;
    int turn = now != null && now.pool().mode() == Mode.BALANCE ? engineLoop.turn(takesTurn) : 0;
    return ForwardingPolicy.plan(facts, now, at, turn, this::isFull);
  }

  /** Those who came before go first. */
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

  /** That server has no place left. */
  void foundFull(ServerState server) {
    full++;
    lastFull = server;
  }

  /** Whose places this request waits for; null: those of more than one, or of nobody. */
  @Nullable ServerTraffic line() {
    ServerState only = lastFull;
    return full == 1 && only != null ? only.traffic() : null;
  }

  /** That server could not be used; returns whether the next one is to be tried at once. */
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

  /** After a wait every server is worth another try. */
  void waited() {
    waited = true;
    forgetFailures();
  }

  /** Every server is worth another try. */
  void forgetFailures() {
    failed = Set.of();
  }

  /**
   * Whether what is sent so belongs to a session of that server: its own cookie says so. A client
   * that is only given one now may not keep it, and would then hold a drained server for good.
   */
  boolean isSession(Plan.Send send) {
    return isOf(session, send.server());
  }

  /** The request goes to that server: counts its session, if it came with one. */
  void countSession(ServerState server) {
    Session came = session;
    if (came != null && isOf(came, server)) {
      server.traffic().sessions().seen(came.hash(), at);
    }
  }

  private static boolean isOf(@Nullable Session session, ServerState server) {
    return session != null && session.server().equals(server.server().id());
  }

  /** The cookie to set with that server's response; null: none, or it has been set before. */
  @Nullable String setCookie(SelectedServer target) {
    ServerId server = target.server().server().id();
    if (target.why() == Why.PREFERRED || isOf(session, target.server())) {
      return null;
    }
    StickyCookies cookies = engineLoop.cookies(target.pool().pool());
    if (cookies == null) {
      return null;
    }
    boolean tls = engineLoop.engine().trusted().isTls(request.client(), request.headers());
    return cookies.setCookie(server, ThreadLocalRandom.current().nextLong(), tls);
  }
}
