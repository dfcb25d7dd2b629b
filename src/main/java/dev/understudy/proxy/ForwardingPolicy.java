package dev.understudy.proxy;

import dev.understudy.health.Status;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.Mode;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.session.SessionPolicy;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.RetryReason;
import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes, and what follows when that fails: the pure core of the engine.
 *
 * <p>{@link #plan}, the first row that fits:
 *
 * <table>
 *   <caption>Plans</caption>
 *   <tr><td>no such pool</td><td>Reject</td></tr>
 *   <tr><td>this replica is out of touch with the others, and {@code on-loss: hold}</td>
 *       <td>Hold, NO_SERVER</td></tr>
 *   <tr><td>{@code PreferServer} names a usable server</td><td>Send to it</td></tr>
 *   <tr><td>the cookie names a server, and {@link SessionPolicy} keeps its sessions there</td>
 *       <td>Send to it, WebSockets alike</td></tr>
 *   <tr><td>failover: somebody serves</td><td>Send to it</td></tr>
 *   <tr><td>balance: some usable master, or else backup, that this request has not failed on</td>
 *       <td>Send to the next in turn that has room</td></tr>
 *   <tr><td>the server chosen has {@code max-requests} in flight</td><td>Hold, FULL</td></tr>
 *   <tr><td>nobody</td><td>Hold, NO_SERVER</td></tr>
 *   <tr><td>a Hold where {@code hold.time} is 0</td><td>Reject</td></tr>
 * </table>
 *
 * <p>{@link #afterFailure}:
 *
 * <table>
 *   <caption>Steps</caption>
 *   <tr><td>no connection</td><td>failover: Hold; balance: Replay on another</td></tr>
 *   <tr><td>broken or judged DOWN, nothing written</td><td>Replay</td></tr>
 *   <tr><td>broken before the head on a connection that had long been idle, as a server closes it at
 *       any time, or in a balance pool on any reused one; replayable and sends left</td>
 *       <td>Replay</td></tr>
 *   <tr><td>broken before the head; replayable and sends left</td>
 *       <td>Settle, as a server that is dying, or whatever accepts connections for it, still takes
 *       them for a while</td></tr>
 *   <tr><td>the same, but no sends left for this server</td>
 *       <td>Settle for another server only</td></tr>
 *   <tr><td>judged DOWN before the head; GET, HEAD or OPTIONS, replayable and a send left for
 *       another server</td><td>Replay</td></tr>
 *   <tr><td>other breaks before the head; a response that is no HTTP</td><td>Respond 502</td></tr>
 *   <tr><td>no response in time</td><td>Respond 504</td></tr>
 *   <tr><td>broken after the head</td><td>BreakOff</td></tr>
 * </table>
 *
 * <p>Sends are left while fewer than {@code retry.attempts} are used up. However often a request
 * was sent to a server that then ceased to be the one to use, that uses up one: a server on its way
 * down must not cost the request its chance on the next. A server that breaks the same request
 * again and again while it answers its probes gets it {@code attempts} times.
 */
final class ForwardingPolicy {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  private ForwardingPolicy() {}

  /** Why a server was chosen. */
  enum Why {
    PREFERRED,
    SESSION,
    SERVING,
    BALANCED
  }

  /** What a request waits for. */
  enum Wait {
    NO_SERVER,
    /** {@code max-requests}. */
    FULL,
    /** No connection can be made to the server that should serve. */
    NO_CONNECTION
  }

  /** What to do with a request. */
  sealed interface Plan {
    record Send(ServerState server, Why why) implements Plan {}

    record Hold(Wait reason) implements Plan {}

    /** 503 at once. */
    record Reject() implements Plan {}
  }

  /**
   * What a choice depends on.
   *
   * @param prefer {@code PreferServer}
   * @param session the server that the sticky cookie names
   * @param failed incarnations that this request could not use; of effect in balance pools
   */
  record Facts(@Nullable ServerId prefer, @Nullable ServerId session, Set<Long> failed) {}

  /** What to do after a failure. */
  sealed interface Step {
    /** Plan again at once. */
    record Replay(RetryReason reason) implements Step {}

    /** Wait until something changes, then plan again. */
    record Hold(RetryReason reason) implements Step {}

    /**
     * Plan again: at once if another server is chosen, as in a balance pool it may be, or else when
     * it is clear whether this one lives.
     *
     * @param again whether the same server may get the request once more, if it lives
     */
    record Settle(RetryReason reason, boolean again) implements Step {}

    record Respond(int status, EndReason end) implements Step {}

    /** Reset the client's connection. */
    record BreakOff(EndReason end) implements Step {}
  }

  /** How much of the request was written to a connected socket. */
  enum Sent {
    NOTHING,
    HEAD,
    BODY
  }

  /**
   * What was tried.
   *
   * @param idempotencyKey whether the request has an {@code Idempotency-Key}
   * @param bodyKept whether every byte of the body that was sent can be sent again
   * @param rested whether its connection had been idle for so long that its end tells nothing of
   *     the server
   * @param servers incarnations that it was sent to, this one included
   * @param sends to this one
   */
  record Attempt(
      String method,
      boolean idempotencyKey,
      Sent sent,
      boolean bodyKept,
      boolean rested,
      int servers,
      int sends) {
    /** Whether the server that it was last sent to may get it once more. */
    private boolean isLeftForThisServer(RetrySettings retry) {
      return servers - 1 + sends < retry.attempts();
    }

    /** Whether a server that has not had it may get it. */
    private boolean isLeftForAnother(RetrySettings retry) {
      return servers < retry.attempts();
    }
  }

  private static final Plan REJECT = new Plan.Reject();
  private static final Plan HOLD_NO_SERVER = new Plan.Hold(Wait.NO_SERVER);
  private static final Plan HOLD_FULL = new Plan.Hold(Wait.FULL);

  /**
   * Where a request goes now.
   *
   * @param now of effect only where {@code facts.session} is not null
   * @param turn any number that grows with each request of a balance pool
   * @param full whether a server has {@code max-requests} in flight
   */
  static Plan plan(
      Facts facts, @Nullable PoolState pool, Instant now, int turn, Predicate<ServerState> full) {
    if (pool == null) {
      return REJECT;
    }
    if (pool.suspended()) {
      return hold(pool, HOLD_NO_SERVER);
    }
    ServerState preferred = facts.prefer() == null ? null : pool.server(facts.prefer());
    if (preferred != null && canUse(preferred, facts)) {
      return send(pool, preferred, Why.PREFERRED, full);
    }
    ServerState session = facts.session() == null ? null : pool.server(facts.session());
    if (session != null && keepsSession(pool, session, facts, now)) {
      return send(pool, session, Why.SESSION, full);
    }
    if (pool.pool().mode() == Mode.BALANCE) {
      return balanced(facts, pool, turn, full);
    }
    ServerState serving = pool.serving();
    if (serving == null || serving.address() == null) {
      return hold(pool, HOLD_NO_SERVER);
    }
    return send(pool, serving, Why.SERVING, full);
  }

  private static Plan send(
      PoolState pool, ServerState server, Why why, Predicate<ServerState> full) {
    return full.test(server) ? hold(pool, HOLD_FULL) : new Plan.Send(server, why);
  }

  private static boolean canUse(ServerState server) {
    return server.usable() && server.address() != null;
  }

  private static boolean canUse(ServerState server, Facts facts) {
    return canUse(server) && !facts.failed().contains(server.incarnation());
  }

  private static boolean keepsSession(
      PoolState pool, ServerState server, Facts facts, Instant now) {
    if (!SessionPolicy.isOpen(server)
        || server.address() == null
        || facts.failed().contains(server.incarnation())) {
      return false;
    }
    ServerState serving = pool.serving();
    if (serving != null && serving.incarnation() == server.incarnation()) {
      return true;
    }
    Instant until = SessionPolicy.until(pool, server);
    return SessionPolicy.stay(pool, server) || (until != null && now.isBefore(until));
  }

  private static Plan balanced(Facts facts, PoolState pool, int turn, Predicate<ServerState> full) {
    Rank rank = Rank.BACKUP;
    for (ServerState server : pool.servers()) {
      if (server.server().rank() == Rank.MASTER && canUse(server)) {
        rank = Rank.MASTER;
        break;
      }
    }
    int size = pool.servers().size();
    boolean someFull = false;
    for (int i = 0; i < size; i++) {
      ServerState server = pool.servers().get(Math.floorMod(turn + i, size));
      if (server.server().rank() == rank && canUse(server, facts)) {
        if (!full.test(server)) {
          return new Plan.Send(server, Why.BALANCED);
        }
        someFull = true;
      }
    }
    return hold(pool, someFull ? HOLD_FULL : HOLD_NO_SERVER);
  }

  private static Plan hold(PoolState pool, Plan hold) {
    return pool.pool().hold().time().isZero() ? REJECT : hold;
  }

  /** What follows a failure. */
  static Step afterFailure(UpstreamFailure failure, Attempt attempt, Pool pool) {
    return switch (failure) {
      case CONNECT_FAILED, CONNECT_TIMED_OUT ->
          pool.mode() == Mode.BALANCE
              ? new Step.Replay(RetryReason.CONNECT_FAILED)
              : new Step.Hold(RetryReason.CONNECT_FAILED);
      // A session is not moved for it, as in a balance pool it would be.
      case STALE ->
          broken(
              attempt,
              pool,
              RetryReason.STALE_CONNECTION,
              attempt.rested() || pool.mode() == Mode.BALANCE);
      case BROKEN -> broken(attempt, pool, RetryReason.BROKEN, false);
      case SERVER_DOWN ->
          attempt.sent() == Sent.NOTHING
                  || (SAFE.contains(attempt.method())
                      && isReplayable(attempt, pool)
                      && attempt.isLeftForAnother(pool.retry()))
              ? new Step.Replay(RetryReason.SERVER_DOWN)
              : new Step.Respond(502, EndReason.SERVER_FAILED);
      case RESPONSE_TIMED_OUT -> new Step.Respond(504, EndReason.RESPONSE_TIMED_OUT);
      case BAD_RESPONSE -> new Step.Respond(502, EndReason.SERVER_FAILED);
      case ANSWER_BROKEN -> new Step.BreakOff(EndReason.ANSWER_BROKEN);
    };
  }

  private static Step broken(Attempt attempt, Pool pool, RetryReason reason, boolean ofNoMeaning) {
    if (attempt.sent() == Sent.NOTHING) {
      return new Step.Replay(reason);
    }
    boolean replayable = isReplayable(attempt, pool);
    boolean again = replayable && attempt.isLeftForThisServer(pool.retry());
    if (again && ofNoMeaning) {
      return new Step.Replay(reason);
    }
    return replayable && attempt.isLeftForAnother(pool.retry())
        ? new Step.Settle(reason, again)
        : new Step.Respond(502, EndReason.SERVER_FAILED);
  }

  private static boolean isReplayable(Attempt attempt, Pool pool) {
    return attempt.bodyKept()
        && isReplayable(attempt.method(), attempt.idempotencyKey(), pool.retry());
  }

  /** Whether a request may be executed twice. */
  static boolean isReplayable(String method, boolean idempotencyKey, RetrySettings retry) {
    return retry.methods().contains(method) || (idempotencyKey && retry.idempotencyKey());
  }

  /**
   * Whether a server is DOWN and has ceased to serve. While the replicas have not left it, or it
   * serves though it is DOWN, what runs on it waits: sent again now, it would only come back to it.
   * On one that was removed, or given other settings, what runs may finish.
   */
  static boolean judgedDown(ServerState sentTo, Snapshot now) {
    PoolState pool = now.pool(sentTo.pool());
    ServerState server = pool == null ? null : pool.server(sentTo.server().id());
    if (pool == null || server == null || server.status() != Status.DOWN) {
      return false;
    }
    ServerState serving = pool.serving();
    return serving == null || serving.incarnation() != server.incarnation();
  }
}
