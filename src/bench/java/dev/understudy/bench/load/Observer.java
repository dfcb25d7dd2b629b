package dev.understudy.bench.load;

/** Hears of each good response, on the clients' event loop. */
@FunctionalInterface
public interface Observer {
  /**
   * A response, also one that came only after the time of sending; or at the end a request that
   * could not be sent any more.
   *
   * @param dueNanos of the request, since the run's start
   * @param latencyNanos since then
   */
  void responded(long dueNanos, long latencyNanos);
}
