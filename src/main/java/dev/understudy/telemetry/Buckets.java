package dev.understudy.telemetry;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.LongStream;

/** The histograms' upper bounds: few, as each is a time series for each combination of labels. */
enum Buckets {
  /** From a request that a server answers from memory to one at {@code timeouts.response}. */
  REQUEST(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000),
  /** From a server on the same node to a patient time-out. */
  PROBE(1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000),
  /** Around what the default settings promise: 0.25 s after a kill, 2 s after a freeze. */
  SWITCH(50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000);

  private final Duration[] bounds;

  Buckets(long... millis) {
    bounds = LongStream.of(millis).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }

  Timer.Builder timer(String name, String description) {
    return Timer.builder(name).description(description).serviceLevelObjectives(bounds);
  }
}
