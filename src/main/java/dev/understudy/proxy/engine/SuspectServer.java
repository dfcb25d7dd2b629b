package dev.understudy.proxy.engine;

import dev.understudy.health.HealthStatus;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerState.LastProbe;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A server that broke the connection before any byte of the response: it may be dying, and whatever
 * accepts connections for it (its kernel, a load balancer, a sidecar) may go on doing so for a
 * while. Pure.
 *
 * @param server as it was selected
 * @param since when the connection broke, by the monitor's clock
 * @param again whether it may be selected once more if it is alive
 */
record SuspectServer(ServerState server, Instant since, boolean again) {
  /**
   * Whether the candidate is this server and still in doubt: no probe that began since then was
   * good or, if it serves although it is DOWN, had any response.
   */
  boolean isInDoubt(ServerState candidate) {
    return server.isSameMachine(candidate)
        && !isAlive(candidate.lastProbe(), candidate.status() == HealthStatus.DOWN);
  }

  /** Whether the candidate is this server and must not be selected again. */
  boolean forbids(ServerState candidate) {
    return !again && candidate.incarnation() == server.incarnation();
  }

  private boolean isAlive(@Nullable LastProbe probe, boolean down) {
    return probe != null
        && (probe.outcome().good() || (down && probe.outcome().hasResponse()))
        && !probe.at().minus(probe.took()).isBefore(since);
  }
}
