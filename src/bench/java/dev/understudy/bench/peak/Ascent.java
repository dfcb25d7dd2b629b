package dev.understudy.bench.peak;

import dev.understudy.bench.load.Latencies;
import dev.understudy.bench.report.Spread;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A proxy under a steady load from its start on. CPU for each request is that of {@value #WINDOW}
 * seconds, so that a single collection of garbage is no peak.
 *
 * @param first the first seconds, for which slow requests are counted
 * @param failed requests without a good response
 */
record Ascent(List<Second> seconds, int first, long failed) {
  /** Seconds whose requests and CPU time make one value. */
  static final int WINDOW = 5;

  /** So many after a start, and after the moment at which a next process serves. */
  static final int FIRST = 10;

  /** How much more than the final value still counts as at peak. */
  static final double TOLERANCE = 1.25;

  /** One window of so many may cost more. */
  private static final int DEAR = 10;

  /** The last seconds, whose median is the final value; fewer in a short run. */
  private static final int LAST = 30;

  private static final int PART = 3;

  Ascent {
    seconds = List.copyOf(seconds);
    if (seconds.size() < WINDOW) {
      throw new IllegalArgumentException("needs " + WINDOW + " seconds, not " + seconds.size());
    }
  }

  Ascent(List<Second> seconds, long failed) {
    this(seconds, FIRST, failed);
  }

  /** CPU for each request in the window that begins with this second, in µs. */
  double micros(int from) {
    List<Second> window = seconds.subList(from, Math.min(seconds.size(), from + WINDOW));
    long cpu = window.stream().mapToLong(Second::cpuNanos).sum();
    return cpu / 1e3 / window.stream().mapToLong(second -> second.latencies().count()).sum();
  }

  /** The same at the end: the median of the last windows. */
  double finalMicros() {
    int windows = windows();
    int last = Math.max(1, Math.min(LAST, seconds.size() / PART) - WINDOW + 1);
    return Spread.of(IntStream.range(windows - last, windows).mapToDouble(this::micros)).median();
  }

  private int windows() {
    return seconds.size() - WINDOW + 1;
  }

  /**
   * The first second from which on nine of ten windows cost no more than {@value #TOLERANCE} of the
   * final value: one that other work on the machine makes dear is no way back. NaN if the last
   * windows cost more.
   */
  double secondsToPeak() {
    double limit = TOLERANCE * finalMicros();
    int windows = windows();
    int dear = 0;
    double settled = Double.NaN;
    for (int from = windows - 1; from >= 0; from--) {
      dear += micros(from) > limit ? 1 : 0;
      if (micros(from) <= limit && DEAR * dear <= windows - from) {
        settled = from;
      }
    }
    return settled;
  }

  /** Requests of the first seconds that took longer. */
  long slowAtFirst(int millis) {
    return ofFirst().mapToLong(second -> second.latencies().above(millis * 1_000_000L)).sum();
  }

  /** The longest of them. */
  double worstAtFirstMillis() {
    return ofFirst().mapToDouble(second -> second.millis(1)).max().orElse(0);
  }

  private Stream<Second> ofFirst() {
    return seconds.stream().limit(first);
  }

  /** The quantile of all requests that were due in so many first seconds, in ms. */
  double millis(int until, double quantile) {
    Latencies all = new Latencies();
    seconds.stream().limit(until).forEach(each -> all.add(each.latencies()));
    return all.quantile(quantile) / 1e6;
  }

  /** The median of the seconds at the end, of that quantile, in ms. */
  double finalMillis(double quantile) {
    int last = Math.min(LAST, Math.max(1, seconds.size() / PART));
    return Spread.of(
            seconds.stream()
                .skip(seconds.size() - last)
                .mapToDouble(second -> second.millis(quantile)))
        .median();
  }

  /** CPU time of the first seconds. */
  double cpuSecondsAtFirst() {
    return ofFirst().mapToLong(Second::cpuNanos).sum() / 1e9;
  }
}
