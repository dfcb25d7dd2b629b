package dev.understudy.snapshot;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.time.Instant;

/**
 * Reports of the data plane on live traffic. Callable from any thread; never blocks; cheap enough
 * to be called for each failure.
 */
public interface TrafficReports {
  /**
   * Reports trouble with a server.
   *
   * @param server as the request saw it: a report on an older incarnation is dropped
   * @param started when the connection attempt, the request or the silence began
   */
  void trouble(ServerState server, Trouble trouble, Instant started, String detail);

  /** Reports that this machine had no means for a connection, which says nothing of a server. */
  void localFailure(LocalFailure failure);

  /**
   * Reports a request that ended with a response or a time-out, which circuit breakers count.
   *
   * @param failed whether that was a 5xx response or a time-out
   */
  void called(ServerState server, boolean failed, Duration took);

  /**
   * Reports that every event loop has seen a pool paused: from now on the counts of running
   * requests only fall.
   *
   * @param planned the id of the planned switch
   */
  void paused(PoolId pool, String planned);

  /** Reports that a client was refused while its pool was paused, as too many were held. */
  void holdFull(PoolId pool);
}
