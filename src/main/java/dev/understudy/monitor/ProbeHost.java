package dev.understudy.monitor;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The host that the probes of a server, or its agent's, connect to if it is not the server's own.
 */
final class ProbeHost {
  private final MonitorContext context;
  private final Runnable known;
  private @Nullable String host;
  private @Nullable ResolvedHost resolution;
  private boolean failed;

  /**
   * Creates one that follows no name.
   *
   * @param known called on the monitor's thread when nobody has to wait for the first address any
   *     more
   */
  ProbeHost(MonitorContext context, Runnable known) {
    this.context = context;
    this.known = known;
  }

  /**
   * Follows a host from now on; it goes on if it follows that host already.
   *
   * @param next null for the server's own
   */
  void follow(@Nullable String next) {
    if (Objects.equals(host, next)) {
      return;
    }
    stop();
    host = next;
    failed = false;
    resolution =
        next == null
            ? null
            : new ResolvedHost(next, context.resolver(), context.scheduler(), this::found);
    if (resolution != null) {
      resolution.start();
    }
  }

  void stop() {
    if (resolution != null) {
      resolution.stop();
    }
    resolution = null;
    host = null;
  }

  /** Whether the first address is still awaited. */
  boolean isPending() {
    return resolution != null && resolution.current() == null && !failed;
  }

  /** Awaits the first address no longer; it still counts once it is there. */
  void giveUp() {
    failed = true;
  }

  /** The address; the server's own if there is no other host; null while it is not known. */
  @Nullable InetAddress or(@Nullable InetAddress own) {
    return resolution == null ? own : resolution.current();
  }

  private void found(@Nullable InetAddress address) {
    failed |= address == null;
    known.run();
  }
}
