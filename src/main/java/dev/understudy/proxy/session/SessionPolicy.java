package dev.understudy.proxy.session;

import dev.understudy.health.Status;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.pool.Mode;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.AfterFailback;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long sessions stay on the server that their cookie names: the same for requests, event
 * streams and WebSockets. The first row that fits:
 *
 * <table>
 *   <caption>Sessions of a server</caption>
 *   <tr><td>DOWN, circuit open, or in maintenance</td><td>leave at once</td></tr>
 *   <tr><td>it serves, or its pool is a balance pool</td><td>stay, also on drain</td></tr>
 *   <tr><td>{@code after-failback: keep}</td><td>stay</td></tr>
 *   <tr><td>set to drain while it served, or while its sessions had not yet left</td>
 *       <td>stay</td></tr>
 *   <tr><td>left {@code on-switch.drain} ago at most</td><td>stay until then</td></tr>
 *   <tr><td>all else</td><td>leave</td></tr>
 * </table>
 */
public final class SessionPolicy {
  private SessionPolicy() {}

  /** Whether a server takes requests of the sessions it has: usable, or so but for drain. */
  public static boolean isOpen(ServerState server) {
    return server.usable()
        || (server.operatorState() == OperatorState.DRAIN
            && server.status() == Status.UP
            && !server.circuitOpen());
  }

  /** Whether sessions stay on that server, which is open and does not serve, without limit. */
  public static boolean stay(PoolState pool, ServerState server) {
    StickySettings sticky = pool.pool().sticky();
    if (sticky == null) {
      return false;
    }
    return pool.pool().mode() == Mode.BALANCE
        || sticky.afterFailback() == AfterFailback.KEEP
        || (server.operatorState() == OperatorState.DRAIN && server.leftServing() == null);
  }

  /**
   * Until when sessions stay on that server, which is open and does not serve, where {@link #stay}
   * says no; null: they have no claim to it.
   */
  public static @Nullable Instant until(PoolState pool, ServerState server) {
    Instant left = server.leftServing();
    return left == null || pool.pool().sticky() == null
        ? null
        : left.plus(pool.pool().onSwitch().drain());
  }
}
