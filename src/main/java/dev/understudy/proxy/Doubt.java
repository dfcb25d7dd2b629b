package dev.understudy.proxy;

import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.ServerState.LastProbe;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A server broke the connection of a request: it may be dying, and for a moment still take
 * connections that nobody will read from.
 *
 * @param server as it was chosen
 * @param since by the monitor's time
 * @param sinceClock by {@link TickClock#mark}
 */
record Doubt(ServerState server, Instant since, long sinceClock) {
  /**
   * Whether a request had better not be sent to that server yet: it is the same one, no probe that
   * began since has been answered, and {@code patience} has not passed.
   */
  boolean isAbout(ServerState candidate, long clock, Duration patience) {
    return candidate.incarnation() == server.incarnation()
        && clock - sinceClock < patience.toNanos()
        && !hasAnswered(candidate.lastProbe());
  }

  private boolean hasAnswered(@Nullable LastProbe probe) {
    return probe != null
        && probe.outcome().answered()
        && probe.at().minus(probe.took()).isAfter(since);
  }
}
