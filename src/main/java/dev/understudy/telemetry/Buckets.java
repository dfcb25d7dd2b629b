package dev.understudy.telemetry;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/** A histogram's upper bounds: few, as each is a time series for each combination of labels. */
final class Buckets {
  /** From a request that a server answers from memory to one at {@code timeouts.response}. */
  static final Buckets REQUEST =
      new Buckets(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000);

  /** From a server on the same node to a patient time-out. */
  static final Buckets PROBE =
      new Buckets(1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000);

  /** Around what the default settings promise: 0.25 s after a kill, 2 s after a freeze. */
  static final Buckets SWITCH =
      new Buckets(50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000);

  private final List<Duration> bounds;

  private Buckets(long... millis) {
    bounds = LongStream.of(millis).mapToObj(Duration::ofMillis).toList();
  }

  Timer.Builder timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(bounds.toArray(Duration[]::new));
  }
}
