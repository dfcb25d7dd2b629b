package dev.understudy.proxy.tcp;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.SwitchSettings.Connections;
import dev.understudy.proxy.engine.TunnelVerdict;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the connections to a server may stay and, if not, over which time they are reset.
 * In a failover pool that is at once: while some clients reach the new server, no other may write
 * to the old one. The first row that applies decides:
 *
 * <table>
 *   <caption>Verdicts</caption>
 *   <tr><td>pool no longer configured</td><td>over {@code drain}</td></tr>
 *   <tr><td>server no longer configured</td><td>failover: at once; balance: over {@code drain}</td>
 *   </tr>
 *   <tr><td>server in maintenance</td><td>at once</td></tr>
 *   <tr><td>this replica is out of touch with the others, and {@code on-loss: hold}</td>
 *   <td>at once</td></tr>
 *   <tr><td>a planned switch leaves the server, and its time is over</td><td>at once</td></tr>
 *   <tr><td>server no longer at the address that the connections were made to, as it had failed
 *   there or by another file; or forgotten in between, as when its pool was left out of a file and
 *   came back</td><td>at once</td></tr>
 *   <tr><td>server serves although it is not usable, as no other can</td><td>stay</td></tr>
 *   <tr><td>server DOWN as it refuses new connections, or UP again after that; its check goes where
 *   its clients go, and proves no role: it may be stopping, and end its connections itself</td>
 *   <td>{@code drain} after that and over min(2 s, {@code drain})</td></tr>
 *   <tr><td>server not usable but for {@code drain}, or no longer the incarnation that the
 *   connections were made to, nor one that its name has moved from ({@link
 *   ServerState#keepsConnectionsOf})</td><td>at once</td></tr>
 *   <tr><td>server serves, and a planned switch leaves it</td><td>stay; those of PostgreSQL until
 *   they are between transactions</td></tr>
 *   <tr><td>server serves</td><td>stay</td></tr>
 *   <tr><td>failover: another server serves</td><td>at once; stay with {@code connections: keep}
 *   after a failback or an operator's act</td></tr>
 *   <tr><td>server set to {@code drain}; failover: nobody serves</td><td>over {@code drain}; stay
 *   with {@code connections: keep}</td></tr>
 *   <tr><td>failover: nobody serves</td><td>at once</td></tr>
 *   <tr><td>all else</td><td>stay</td></tr>
 * </table>
 *
 * @param after the earliest time to reset the first of them; null for now
 * @param over the time over which they are reset; zero for at once; null if they may stay
 * @param untilIdle whether those may stay only while they are busy, if that can be seen
 */
record ConnectionVerdict(@Nullable Instant after, @Nullable Duration over, boolean untilIdle) {
  static final ConnectionVerdict STAY = new ConnectionVerdict(null, null, false);
  static final ConnectionVerdict UNTIL_IDLE = new ConnectionVerdict(null, null, true);
  static final ConnectionVerdict AT_ONCE = over(Duration.ZERO);

  private static ConnectionVerdict over(Duration drain) {
    return new ConnectionVerdict(null, drain, false);
  }

  /** The time from {@code now} until the first of them may be reset; zero if it is past. */
  Duration waits(Instant now) {
    return TunnelVerdict.until(after, now);
  }

  boolean stays() {
    return over == null;
  }

  /**
   * Judges the connections to one server.
   *
   * @param made the server when the connections were made, or when they last could stay
   * @param mode the pool's mode when it was last seen
   * @param last the pool's settings when it was last seen
   * @param pool the current state; null if the pool no longer exists
   * @param server the current state; null if the server no longer exists
   */
  static ConnectionVerdict of(
      ServerState made,
      PoolMode mode,
      SwitchSettings last,
      @Nullable PoolState pool,
      @Nullable ServerState server) {
    if (pool == null) {
      return over(last.drain());
    }
    SwitchSettings settings = pool.pool().settings().onSwitch();
    boolean failover = mode == PoolMode.FAILOVER;
    if (server == null) {
      return failover ? AT_ONCE : over(settings.drain());
    }
    if (server.operatorState() == OperatorState.MAINTENANCE || pool.suspended()) {
      return AT_ONCE;
    }
    PlannedSwitch leaving = pool.leaving(server.server().id());
    if (leaving != null && leaving.cut()) {
      return AT_ONCE;
    }
    boolean another = !server.keepsConnectionsOf(made);
    if (another && !server.isSameMachine(made)) {
      return AT_ONCE;
    }
    boolean serving = pool.isServing(server.server().id());
    if (serving && !server.usable()) {
      return STAY;
    }
    boolean failed = hasFailed(server);
    if ((another || failed) && mayBeStopping(pool.pool(), server)) {
      Duration drain = settings.drain();
      Instant after = server.statusSince().plus(drain);
      return new ConnectionVerdict(after, TunnelVerdict.soon(drain), false);
    }
    if (another || failed) {
      return AT_ONCE;
    }
    if (serving) {
      return leaving == null ? STAY : UNTIL_IDLE;
    }
    boolean keep = settings.connections() == Connections.KEEP;
    if (failover && pool.serving() != null) {
      SwitchReason reason = pool.reason();
      return keep && reason != null && reason.isVoluntary() ? STAY : AT_ONCE;
    }
    if (server.operatorState() == OperatorState.DRAIN) {
      return keep ? STAY : over(settings.drain());
    }
    return failover ? AT_ONCE : STAY;
  }

  private static boolean mayBeStopping(Pool pool, ServerState server) {
    ServerState.LastProbe probe = server.lastProbe();
    return probe != null
        && (probe.outcome() == ProbeOutcome.CONNECT_FAILED || server.status() == HealthStatus.UP)
        && !server.circuitOpen()
        && !server.isStale()
        && !pool.provesRole()
        && pool.health().isForClientsPort(server.server());
  }

  /** Whether the server is not usable for a reason of its own. */
  private static boolean hasFailed(ServerState server) {
    return !server.usable()
        && (server.status() == HealthStatus.DOWN
            || server.circuitOpen()
            || server.operatorState() == OperatorState.READY);
  }
}
