package dev.understudy.proxy;

import dev.understudy.health.Status;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.ServerState.LastProbe;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A server broke the connection of a request: it may be dying, and whatever accepts connections for
 * it (its kernel, a load balancer, a sidecar) may go on doing so for a while.
 *
 * @param server as it was chosen
 * @param since by the monitor's time
 * @param again whether it may get the request once more, should it live
 */
record SuspectServer(ServerState server, Instant since, boolean again) {
  /**
   * Whether that server is the same one, and no probe that began since was good; of one that serves
   * though it is DOWN, answered.
   */
  boolean isAbout(ServerState candidate) {
    return isSame(candidate) && !isWell(candidate.lastProbe(), candidate.status() == Status.DOWN);
  }

  /** Whether that server is the same one, and is not to get the request again. */
  boolean forbids(ServerState candidate) {
    return !again && isSame(candidate);
  }

  private boolean isSame(ServerState candidate) {
    return candidate.incarnation() == server.incarnation();
  }

  private boolean isWell(@Nullable LastProbe probe, boolean down) {
    return probe != null
        && (probe.outcome().good() || (down && probe.outcome().answered()))
        && !probe.at().minus(probe.took()).isBefore(since);
  }
}
