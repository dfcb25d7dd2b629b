package dev.understudy.proxy.engine;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.session.SessionPolicy;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.traffic.RequestEnd;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a request goes, and whether it may still go there; pure.
 *
 * <p>{@link #plan}, by the first row that applies:
 *
 * <table>
 *   <caption>Plans</caption>
 *   <tr><td>no such pool</td><td>Reject</td></tr>
 *   <tr><td>the pool is in maintenance, and does not serve this client all the same</td><td>Reject,
 *   MAINTENANCE</td></tr>
 *   <tr><td>this replica is out of touch with the others, or does not know yet what they agreed on,
 *   and {@code on-loss: hold}; or a planned switch has the clients wait</td><td>Hold,
 *   NO_SERVER</td></tr>
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
 */
final class SelectionPolicy {
  private static final Plan REJECT = new Plan.Reject(RequestEnd.NO_SERVER);
  private static final Plan EXCLUDED = new Plan.Reject(RequestEnd.MAINTENANCE);
  private static final Plan HOLD_NO_SERVER = new Plan.Hold(Wait.NO_SERVER);
  private static final Plan HOLD_FULL = new Plan.Hold(Wait.FULL);

  private SelectionPolicy() {}

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
   * replicas is about to move: it is in maintenance; or it is DOWN, its checks are in time, and the
   * newest had no response or, with TCP, a bad one, so that what is sent now is probably lost.
   */
  private static boolean isUndecided(PoolState pool, ServerState serving) {
    ServerState.LastProbe probe = serving.lastProbe();
    return serving.operatorState() == OperatorState.MAINTENANCE
        || (serving.status() == HealthStatus.DOWN
            && !serving.checks().late()
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
}
