package dev.understudy.proxy;

import dev.understudy.health.Status;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.ServerState.LastProbe;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A server that broke the connection of a request, or of a TCP client before any byte: it may be
 * dying, and whatever accepts connections for it (its kernel, a load balancer, a sidecar) may go on
 * doing so for a while.
 *
 * @param server as it was selected
 * @param since when the connection broke, by the monitor's clock
 * @param again whether it may get the request once more if it is alive
 */
public record SuspectServer(ServerState server, Instant since, boolean again) {
  /**
   * Whether the candidate is this server and still in doubt: no probe that began since then was
   * good or, if it serves although it is DOWN, had any response.
   */
  public boolean isAbout(ServerState candidate) {
    return server.isSameMachine(candidate)
        && !isWell(candidate.lastProbe(), candidate.status() == Status.DOWN);
  }

  /** Whether the candidate is this server and must not get the request again. */
  boolean forbids(ServerState candidate) {
    return !again && candidate.incarnation() == server.incarnation();
  }

  private boolean isWell(@Nullable LastProbe probe, boolean down) {
    return probe != null
        && (probe.outcome().good() || (down && probe.outcome().hasResponse()))
        && !probe.at().minus(probe.took()).isBefore(since);
  }
}
