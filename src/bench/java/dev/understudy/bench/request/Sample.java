package dev.understudy.bench.request;

import dev.understudy.bench.load.Measured;

/**
 * One contender in one round.
 *
 * @param cpuNanos of the proxy while its clients had it saturated
 * @param saturated the clients' results at saturation
 * @param paced the clients' results at the fixed rate
 */
record Sample(long cpuNanos, Measured saturated, Measured paced) {
  /** CPU time of the proxy for one request. */
  double cpuMicros() {
    return cpuNanos / 1e3 / saturated.responses();
  }

  long failed() {
    return saturated.failed() + paced.failed();
  }
}
