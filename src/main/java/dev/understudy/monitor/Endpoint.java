package dev.understudy.monitor;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a Service of a cluster.
 *
 * @param label value of the role label of its Pod; null if that is not known
 * @param zone of its node; null if that is not known
 * @param pod the name of its Pod; null if it is none
 */
public record Endpoint(
    InetAddress address,
    int port,
    State state,
    @Nullable String label,
    @Nullable String zone,
    @Nullable String pod) {
  /** What the cluster says of an endpoint, the best first. */
  public enum State {
    READY,
    /** Its Pod terminates, and serves still. */
    TERMINATING,
    UNREADY
  }
}
