package dev.understudy.bench.peak;

import dev.understudy.bench.load.Latencies;

/**
 * One second of a proxy under a steady load.
 *
 * @param cpuNanos user and system time in it
 * @param latencies of the requests that were due in it
 */
record Second(long cpuNanos, Latencies latencies) {
  double millis(double quantile) {
    return latencies.quantile(quantile) / 1e6;
  }
}
