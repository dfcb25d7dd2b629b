package dev.understudy.telemetry;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * The upper bounds of a histogram; few, because each is a time series for each combination of
 * labels.
 */
final class Buckets {
  /** From a response out of a server's memory (1 ms) to {@code timeouts.response} (60 s). */
  static final Buckets REQUEST =
      new Buckets(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000);

  /** Around the goals of the default settings: 0.25 s after a kill, 2 s after a freeze. */
  static final Buckets SWITCH =
      new Buckets(50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000);

  /** Around the goals: 0.3 s for one pool, 3 s for a hundred at once. */
  static final Buckets DECISION = new Buckets(10, 25, 50, 100, 200, 300, 500, 1_000, 3_000, 10_000);

  private final List<Duration> bounds;
  private final long[] nanos;

  /** The finite bounds in nanoseconds. */
  long[] boundsNanos() {
    return nanos.clone();
  }

  /** The finite bounds in seconds, and the infinite one of the last bucket. */
  private final double[] seconds;

  private Buckets(long... millis) {
    bounds = LongStream.of(millis).mapToObj(Duration::ofMillis).toList();
    nanos = bounds.stream().mapToLong(Duration::toNanos).toArray();
    seconds =
        DoubleStream.concat(
                LongStream.of(millis).mapToDouble(each -> each / 1e3),
                DoubleStream.of(Double.POSITIVE_INFINITY))
            .toArray();
  }

  /** The number of finite bounds, which is one less than that of buckets. */
  int count() {
    return nanos.length;
  }

  /**
   * The index of the bucket for a duration in nanoseconds: the first one whose bound the duration
   * does not exceed.
   */
  int index(long taken) {
    int i = 0;
    while (i < nanos.length && taken > nanos[i]) {
      i++;
    }
    return i;
  }

  /** The finite bounds in seconds, and the infinite one of the last bucket. */
  double[] boundsSeconds() {
    return seconds.clone();
  }

  Timer.Builder timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(bounds.toArray(Duration[]::new));
  }
}
