package dev.understudy.proxy.engine;

import dev.understudy.health.HealthStatus;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.switchover.PlannedSwitch;

/**
 * Whether an attempt at a server goes on, by what the snapshot says of that server; pure. {@link
 * TunnelVerdict} judges responses that have begun, and tunnels.
 *
 * <p>What ends an attempt while it waits for the response's head:
 *
 * <table>
 *   <caption>Ends of an attempt</caption>
 *   <tr><td>its own connection ends, is reset, or reaches a time-out</td><td>ends, by {@link
 *   RetryPolicy}</td></tr>
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
 */
enum AttemptVerdict {
  GOES_ON,
  /** The server is DOWN, and the attempt is lost with it. */
  LOST,
  /** A planned switch ends by force what still runs at the server. */
  CUT;

  /**
   * Judges an attempt.
   *
   * @param selected the server as it was selected
   * @param sent whether a byte was written to an open connection
   * @param silent whether the server has sent nothing for a while, on any connection
   */
  static AttemptVerdict of(ServerState selected, boolean sent, boolean silent, Snapshot now) {
    PoolState pool = now.pool(selected.pool());
    if (pool == null) {
      return GOES_ON;
    }
    ServerState server = pool.server(selected.server().id());
    if (server != null && isLost(selected, server, sent, silent, pool)) {
      return LOST;
    }
    PlannedSwitch leaving = pool.leaving(selected.server().id());
    return leaving != null && leaving.cut() ? CUT : GOES_ON;
  }

  private static boolean isLost(
      ServerState selected, ServerState server, boolean sent, boolean silent, PoolState pool) {
    if (server.status() != HealthStatus.DOWN
        || isKept(selected, server)
        || (sent && !(silent && server.isDownBySilence()))) {
      return false;
    }
    ServerState serving = pool.serving();
    return serving == null || serving.incarnation() != server.incarnation();
  }

  /** Whether a server that is DOWN is doubted to be: it stays in use, with its connections. */
  private static boolean isKept(ServerState selected, ServerState now) {
    return now.usable() && now.incarnation() == selected.incarnation();
  }
}
