package dev.understudy.monitor;

import dev.understudy.health.Observation.Trouble;
import java.time.Duration;
import java.time.Instant;

/**
 * What the data plane tells of live traffic. Callable from any thread; never blocks; cheap enough
 * to be called for each failure.
 */
public interface TrafficReports {
  /**
   * Something went wrong between us and a server.
   *
   * @param server as the request saw it: a report on an older incarnation is dropped
   * @param started when the connection attempt, the request or the silence began
   */
  void trouble(ServerState server, Trouble trouble, Instant started, String detail);

  /**
   * A request ended with a response or a time-out: what circuit breakers count.
   *
   * @param failed a 5xx answer or a time-out
   */
  void called(ServerState server, boolean failed, Duration took);
}
