package dev.understudy.proxy.session;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides how long sessions stay on the server that their cookie names, alike for requests, event
 * streams and WebSockets. The first row that applies decides:
 *
 * <table>
 *   <caption>Sessions of a server</caption>
 *   <tr><td>DOWN, circuit open, or in maintenance</td><td>leave at once</td></tr>
 *   <tr><td>it serves, or its pool is a balance pool</td><td>stay, also on drain</td></tr>
 *   <tr><td>{@code after-failback: keep}</td><td>stay</td></tr>
 *   <tr><td>set to drain while it served, or while its sessions had not yet left</td>
 *       <td>stay</td></tr>
 *   <tr><td>ceased to serve less than {@code on-switch.drain} ago</td><td>stay until that has
 *   passed</td></tr>
 *   <tr><td>all else</td><td>leave</td></tr>
 * </table>
 */
public final class SessionPolicy {
  private SessionPolicy() {}

  /** Whether a server takes requests of its sessions: it is usable, or would be but for drain. */
  public static boolean isOpen(ServerState server) {
    return server.usable()
        || (server.operatorState() == OperatorState.DRAIN
            && server.status() == HealthStatus.UP
            && !server.circuitOpen());
  }

  /** Whether sessions stay without limit on a server that is open and does not serve. */
  public static boolean stay(PoolState pool, ServerState server) {
    StickySettings sticky = pool.pool().settings().sticky();
    if (sticky == null) {
      return false;
    }
    return pool.pool().mode() == PoolMode.BALANCE
        || sticky.afterFailback() == AfterFailback.KEEP
        || (server.operatorState() == OperatorState.DRAIN && server.leftServing() == null);
  }

  /**
   * The time until which sessions stay on a server that is open and does not serve, where {@link
   * #stay} is false; null if they leave at once.
   */
  public static @Nullable Instant until(PoolState pool, ServerState server) {
    Instant left = server.leftServing();
    return left == null || pool.pool().settings().sticky() == null
        ? null
        : left.plus(pool.pool().settings().onSwitch().drain());
  }
}
