package dev.understudy.failover;

/**
 * What this replica knows of a server for a failback.
 *
 * @param openTunnels number of this replica's tunnels to it
 * @param warmedUp whether its warm-up has ended, since it is UP and does not serve
 */
public record FailbackFacts(int openTunnels, boolean warmedUp) {
  public static final FailbackFacts NONE = new FailbackFacts(0, false);
}
