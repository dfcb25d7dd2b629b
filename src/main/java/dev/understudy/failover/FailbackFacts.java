package dev.understudy.failover;

import java.time.Duration;

/**
 * What this replica knows of a server for a failback, and of the time of day.
 *
 * @param openTunnels number of this replica's tunnels to it
 * @param warmedUp whether its warm-up has ended, since it is UP and does not serve
 * @param ahead by how much the clock on the wall is ahead of the one by which choices measure
 */
public record FailbackFacts(int openTunnels, boolean warmedUp, Duration ahead) {
  public static final FailbackFacts NONE = new FailbackFacts(0, false, Duration.ZERO);
}
