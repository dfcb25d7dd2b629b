package dev.understudy.bench.request;

import dev.understudy.bench.load.Measured;

/**
 * One contender in one round.
 *
 * @param cpuNanos of the proxy while its clients had it saturated
 * @param saturated what they saw then
 * @param paced what they saw at the fixed rate
 */
record Sample(long cpuNanos, Measured saturated, Measured paced) {
  /** Of the proxy's own time, for one request. */
  double cpuMicros() {
    return cpuNanos / 1e3 / saturated.answered();
  }

  long failed() {
    return saturated.failed() + paced.failed();
  }
}
