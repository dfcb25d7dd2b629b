package dev.understudy.proxy.engine;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.session.SessionPolicy;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a request goes, and what follows a failure: the pure core of the engine.
 *
 * <p>{@link #plan}, by the first row that applies:
 *
 * <table>
 *   <caption>Plans</caption>
 *   <tr><td>no such pool</td><td>Reject</td></tr>
 *   <tr><td>the pool is in maintenance, and does not serve this client all the same</td><td>Reject,
 *   MAINTENANCE</td></tr>
 *   <tr><td>this replica is out of touch with the others, and {@code on-loss: hold}; or a planned
 *   switch has the clients wait</td><td>Hold, NO_SERVER</td></tr>
 *   <tr><td>{@code PreferServer} names a usable server</td><td>Send to it</td></tr>
 *   <tr><td>the cookie names a server, and {@link SessionPolicy} keeps its sessions there</td>
 *       <td>Send to it, WebSockets alike</td></tr>
 *   <tr><td>failover: the serving server is in maintenance, or judged DOWN here without a response,
 *   and the replicas have not left it yet</td><td>Undecided: Hold; Send to it where {@code hold.time} is 0
 *   or over, or too many requests are held</td></tr>
 *   <tr><td>failover: a server serves</td><td>Send to it</td></tr>
 *   <tr><td>balance: usable masters, or backups if no master is usable, that this request has not
 *   failed on</td>
 *       <td>Send to the one that {@link Balancer} selects of those that have room and a weight
 *       above 0</td></tr>
 *   <tr><td>the selected server has {@code max-requests} in flight</td><td>Hold, FULL</td></tr>
 *   <tr><td>no server</td><td>Hold, NO_SERVER</td></tr>
 *   <tr><td>a Hold where {@code hold.time} is 0</td><td>Reject</td></tr>
 * </table>
 *
 * <p>{@link #afterFailure}, by the first row that applies:
 *
 * <table>
 *   <caption>Steps</caption>
 *   <tr><td>no connection, for want of a resource of this machine: any other server would fail too
 *   </td><td>Hold</td></tr>
 *   <tr><td>no connection</td><td>failover: Hold; balance: Replay on another</td></tr>
 *   <tr><td>broken or lost, nothing written</td><td>Replay</td></tr>
 *   <tr><td>not processed, by the server's own account; any method, at most {@link #MAX_REFUSALS} times by one
 *   server</td><td>Replay</td></tr>
 *   <tr><td>reused connection broken without a response byte, after a second or more of idleness,
 *   when a server may close it at any time, or in a balance pool; replayable and sends left</td>
 *       <td>Replay</td></tr>
 *   <tr><td>broken before the head; replayable and sends left</td>
 *       <td>Settle, as a dying server, or whatever accepts connections for it, still accepts them
 *       for a while</td></tr>
 *   <tr><td>the same, but no sends left for this server</td>
 *       <td>Settle for another server only</td></tr>
 *   <tr><td>lost before the head; GET, HEAD or OPTIONS, replayable and a send left for
 *       another server</td><td>Replay</td></tr>
 *   <tr><td>other breaks before the head; a response that is not HTTP</td><td>Respond 502</td></tr>
 *   <tr><td>no response in time</td><td>Respond 504</td></tr>
 *   <tr><td>broken after the head</td><td>BreakOff</td></tr>
 * </table>
 *
 * <p>{@link #isLost}: what ends an attempt from outside, while it waits for the response's head:
 *
 * <table>
 *   <caption>Ends of an attempt</caption>
 *   <tr><td>its own connection ends, is reset, or reaches a time-out</td><td>ends, by {@link
 *   #afterFailure}</td></tr>
 *   <tr><td>server DOWN, and nothing was sent yet</td><td>ends: another connection is
 *   made</td></tr>
 *   <tr><td>server DOWN by silence ({@link ServerState#isDownBySilence}), and it sends nothing on
 *   any connection</td><td>ends: the server is frozen, or cut off</td></tr>
 *   <tr><td>server DOWN by anything else: new connections are refused, a check is answered badly,
 *   an agent says so</td><td>goes on: a server that stops gracefully closes its listener first, and
 *   finishes what it has</td></tr>
 *   <tr><td>the role moves, the server is drained, its Pod ends, or it has other settings</td>
 *   <td>goes on</td></tr>
 *   <tr><td>a planned switch cuts what is left at the server</td><td>ends</td></tr>
 *   <tr><td>a DOWN server that still serves, as the replicas have not left it, or no other can
 *   </td><td>goes on: a replay would only return to it</td></tr>
 * </table>
 *
 * <p>Sends are left while fewer than {@code retry.attempts} are used up. All sends to one server
 * use up a single one when the request moves to another: a server on its way down must not cost the
 * request its chance on the next. A server that keeps breaking the same request while its probes
 * are good gets it {@code attempts} times.
 */
final class ForwardingPolicy {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  /**
   * The most replays of a request that one server refuses; a server that shuts down refuses once,
   * and one with too many streams until their number is known.
   */
  static final int MAX_REFUSALS = 3;

  private ForwardingPolicy() {}

  /** The reason for the selection of a server. */
  enum Why {
    PREFERRED,
    SESSION,
    SERVING,
    BALANCED
  }

  /** The reason for a hold. */
  enum Wait {
    NO_SERVER,
    /** The server has {@code max-requests} in flight. */
    FULL
  }

  /** The decision about a request. */
  sealed interface Plan {
    record Send(ServerState server, Why why) implements Plan {}

    record Hold(Wait reason) implements Plan {}

    /**
     * Hold until the replicas have chosen a server; send if that takes too long, as they may know
     * better than this one.
     */
    record Undecided(Send send) implements Plan {}

    /**
     * Respond with 503 at once.
     *
     * @param end NO_SERVER or MAINTENANCE
     */
    record Reject(RequestEnd end) implements Plan {}
  }

  /**
   * The facts about a request that a plan depends on.
   *
   * @param prefer the server named by {@code PreferServer}; null if none
   * @param session the server named by the sticky cookie; null if none
   * @param failed incarnations of servers that this request could not use; filled in balance pools
   *     only
   * @param excluded whether the pool is in maintenance, and does not serve the client all the same
   */
  record Facts(
      @Nullable ServerId prefer, @Nullable ServerId session, Set<Long> failed, boolean excluded) {}

  /** The reaction to a failure. */
  sealed interface Step {
    /** Plan again at once. */
    record Replay(RetryReason reason) implements Step {}

    /** Wait until something changes, then plan again. */
    record Hold(RetryReason reason) implements Step {}

    /**
     * Plan again: at once if another server is selected, as may be the case in a balance pool, else
     * when it is clear whether this one is alive.
     *
     * @param again whether the same server may get the request once more if it is alive
     */
    record Settle(RetryReason reason, boolean again) implements Step {}

    record Respond(int status, RequestEnd end) implements Step {}

    /**
     * Break off the response: what came of it is delivered, then the client's connection or stream
     * ends in a way that shows the truncation.
     */
    record BreakOff(RequestEnd end) implements Step {}
  }

  /** The part of the request that was written to a connected socket. */
  enum Sent {
    NOTHING,
    HEAD,
    BODY
  }

  /**
   * A failed attempt.
   *
   * @param idempotencyKey whether the request has an {@code Idempotency-Key} that permits a replay
   * @param bodyKept whether every byte of the body that was sent can be replayed, and means the
   *     same the second time
   * @param rested whether the connection had been idle for so long (1 s or more) that its end says
   *     nothing about the server
   * @param servers incarnations that the request was sent to, this one included
   * @param sends consecutive sends to this incarnation
   */
  record Attempt(
      String method,
      boolean idempotencyKey,
      Sent sent,
      boolean bodyKept,
      boolean rested,
      int servers,
      int sends) {
    /** Whether the server of the last send may get the request once more. */
    private boolean isLeftForThisServer(RetrySettings retry) {
      return servers - 1 + sends < retry.attempts();
    }

    /** Whether another server may get the request. */
    private boolean isLeftForAnother(RetrySettings retry) {
      return servers < retry.attempts();
    }
  }

  private static final Plan REJECT = new Plan.Reject(RequestEnd.NO_SERVER);
  private static final Plan EXCLUDED = new Plan.Reject(RequestEnd.MAINTENANCE);
  private static final Plan HOLD_NO_SERVER = new Plan.Hold(Wait.NO_SERVER);
  private static final Plan HOLD_FULL = new Plan.Hold(Wait.FULL);

  /**
   * Decides where a request goes.
   *
   * @param now used only if {@code facts.session} is not null
   * @param balancer the pool's, a selection begun; used only if the pool balances
   * @param takesTurn whether the request is sent where the plan says
   * @param full whether a server has no place left
   */
  static Plan plan(
      Facts facts,
      @Nullable PoolState pool,
      Instant now,
      @Nullable Balancer balancer,
      boolean takesTurn,
      Predicate<ServerState> full) {
    if (pool == null) {
      return REJECT;
    }
    if (facts.excluded()) {
      return EXCLUDED;
    }
    if (pool.holdsAll()) {
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
    if (balancer != null && pool.pool().mode() == PoolMode.BALANCE) {
      return balanced(facts, pool, balancer, takesTurn, full);
    }
    ServerState serving = pool.serving();
    if (serving == null || serving.address() == null) {
      return hold(pool, HOLD_NO_SERVER);
    }
    Plan plan = send(pool, serving, Why.SERVING, full);
    return plan instanceof Plan.Send send && isUndecided(pool, serving)
        ? new Plan.Undecided(send)
        : plan;
  }

  /**
   * Whether what has not been sent yet may go to the server that was selected for it, now that
   * there are other facts. A pool that is gone, as by another file, has no other server.
   */
  static boolean mayGoOn(ServerState selected, Facts facts, @Nullable PoolState pool, Instant now) {
    if (pool == null) {
      return true;
    }
    ServerState server = pool.server(selected.server().id());
    if (facts.excluded()
        || pool.holdsAll()
        || server == null
        || server.incarnation() != selected.incarnation()) {
      return false;
    }
    if (server.server().id().equals(facts.prefer()) && canUse(server)) {
      return true;
    }
    if (server.server().id().equals(facts.session()) && keepsSession(pool, server, facts, now)) {
      return true;
    }
    ServerState serving = pool.serving();
    return pool.pool().mode() == PoolMode.BALANCE
        ? acceptsNewSessions(server)
        : serving != null
            && serving.incarnation() == server.incarnation()
            && serving.operatorState() != OperatorState.MAINTENANCE;
  }

  /**
   * Whether this replica alone would not keep the serving server, so that the choice of all
   * replicas is about to move: it is in maintenance; or it is DOWN, and its newest probe had no
   * response or, with TCP, a bad one, so that what is sent now is probably lost.
   */
  private static boolean isUndecided(PoolState pool, ServerState serving) {
    ServerState.LastProbe probe = serving.lastProbe();
    return serving.operatorState() == OperatorState.MAINTENANCE
        || (serving.status() == HealthStatus.DOWN
            && probe != null
            && !(probe.outcome().hasResponse() && pool.pool().protocol() == Protocol.HTTP));
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

  private static Plan balanced(
      Facts facts,
      PoolState pool,
      Balancer balancer,
      boolean takesTurn,
      Predicate<ServerState> full) {
    List<ServerState> servers = pool.servers();
    Rank rank = Rank.BACKUP;
    for (ServerState server : servers) {
      if (server.server().rank() == Rank.MASTER && acceptsNewSessions(server)) {
        rank = Rank.MASTER;
        break;
      }
    }
    boolean someFull = false;
    for (int i = 0; i < servers.size(); i++) {
      ServerState server = servers.get(i);
      if (server.server().rank() == rank && acceptsNewSessions(server) && canUse(server, facts)) {
        if (full.test(server)) {
          someFull = true;
        } else {
          balancer.offer(i, server);
        }
      }
    }
    ServerState selected = balancer.select(takesTurn);
    if (selected != null) {
      return new Plan.Send(selected, Why.BALANCED);
    }
    return hold(pool, someFull ? HOLD_FULL : HOLD_NO_SERVER);
  }

  private static boolean acceptsNewSessions(ServerState server) {
    return server.share() > 0 && canUse(server);
  }

  private static Plan hold(PoolState pool, Plan hold) {
    return pool.pool().settings().hold().time().isZero() ? REJECT : hold;
  }

  /** Decides what follows a failure. */
  static Step afterFailure(UpstreamFailure failure, Attempt attempt, Pool pool) {
    return switch (failure) {
      case LOCAL_FAILURE -> new Step.Hold(RetryReason.LOCAL_FAILURE);
      case CONNECT_FAILED, CONNECT_TIMED_OUT, NO_PORT ->
          pool.mode() == PoolMode.BALANCE
              ? new Step.Replay(RetryReason.CONNECT_FAILED)
              : new Step.Hold(RetryReason.CONNECT_FAILED);
      // In a balance pool Settle would move the session to another server for a mere stale
      // connection.
      case STALE ->
          broken(
              attempt,
              pool,
              RetryReason.STALE_CONNECTION,
              attempt.rested() || pool.mode() == PoolMode.BALANCE);
      case BROKEN -> broken(attempt, pool, RetryReason.BROKEN, false);
      case REFUSED ->
          attempt.bodyKept() && attempt.sends() <= MAX_REFUSALS
              ? new Step.Replay(RetryReason.REFUSED)
              : new Step.Respond(502, RequestEnd.SERVER_FAILED);
      case SERVER_DOWN ->
          attempt.sent() == Sent.NOTHING
                  || (SAFE.contains(attempt.method())
                      && isReplayable(attempt, pool)
                      && attempt.isLeftForAnother(pool.settings().retry()))
              ? new Step.Replay(RetryReason.SERVER_DOWN)
              : new Step.Respond(502, RequestEnd.SERVER_FAILED);
      case RESPONSE_TIMED_OUT -> new Step.Respond(504, RequestEnd.RESPONSE_TIMED_OUT);
      case BAD_RESPONSE -> new Step.Respond(502, RequestEnd.SERVER_FAILED);
      case RESPONSE_BROKEN -> new Step.BreakOff(RequestEnd.RESPONSE_BROKEN);
    };
  }

  private static Step broken(Attempt attempt, Pool pool, RetryReason reason, boolean ofNoMeaning) {
    if (attempt.sent() == Sent.NOTHING) {
      return new Step.Replay(reason);
    }
    boolean replayable = isReplayable(attempt, pool);
    boolean again = replayable && attempt.isLeftForThisServer(pool.settings().retry());
    if (again && ofNoMeaning) {
      return new Step.Replay(reason);
    }
    return replayable && attempt.isLeftForAnother(pool.settings().retry())
        ? new Step.Settle(reason, again)
        : new Step.Respond(502, RequestEnd.SERVER_FAILED);
  }

  private static boolean isReplayable(Attempt attempt, Pool pool) {
    return attempt.bodyKept()
        && isReplayable(attempt.method(), attempt.idempotencyKey(), pool.settings().retry());
  }

  /** Whether the pool's settings permit a second execution of a request. */
  static boolean isReplayable(String method, boolean idempotencyKey, RetrySettings retry) {
    return retry.methods().contains(method) || (idempotencyKey && retry.idempotencyKey());
  }

  /** Whether a server that is DOWN is doubted to be: it stays in use, with its connections. */
  private static boolean isKept(ServerState sentTo, ServerState now) {
    return now.usable() && now.incarnation() == sentTo.incarnation();
  }

  /** Whether a planned switch ends by force what still runs at the server. */
  static boolean isCut(ServerState sentTo, Snapshot now) {
    PoolState pool = now.pool(sentTo.pool());
    PlannedSwitch leaving = pool == null ? null : pool.leaving(sentTo.server().id());
    return leaving != null && leaving.cut();
  }

  /**
   * Whether an attempt is lost because its server is DOWN, by the table of ends.
   *
   * @param sent whether a byte was written to an open connection
   * @param silent whether the server has sent nothing for a while, on any connection
   */
  static boolean isLost(ServerState sentTo, boolean sent, boolean silent, Snapshot now) {
    PoolState pool = now.pool(sentTo.pool());
    ServerState server = pool == null ? null : pool.server(sentTo.server().id());
    if (pool == null
        || server == null
        || server.status() != HealthStatus.DOWN
        || isKept(sentTo, server)
        || (sent && !(silent && server.isDownBySilence()))) {
      return false;
    }
    ServerState serving = pool.serving();
    return serving == null || serving.incarnation() != server.incarnation();
  }
}
