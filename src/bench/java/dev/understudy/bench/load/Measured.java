package dev.understudy.bench.load;

import java.time.Duration;

/**
 * The clients' results.
 *
 * @param responses requests with a 2xx response, or frames
 * @param failed any others
 * @param time for which it was measured
 * @param latencies of these responses; at a fixed rate from when a request was due, so that those
 *     which had to wait for a connection, and those never sent, count with all of their delay
 */
public record Measured(long responses, long failed, Duration time, Latencies latencies) {
  /** The same with so many failures more. */
  Measured andFailed(int more) {
    return new Measured(responses, failed + more, time, latencies);
  }

  public double perSecond() {
    return responses * 1e9 / time.toNanos();
  }

  public double quantileMillis(double quantile) {
    return latencies.quantile(quantile) / 1e6;
  }
}
