package dev.understudy.bench.agreement;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Durations in milliseconds, in order. */
record Times(double[] sorted) {
  static Times of(List<long[]> nanos) {
    return new Times(
        nanos.stream().flatMapToLong(LongStream::of).sorted().mapToDouble(n -> n / 1e6).toArray());
  }

  static long longest(long[] nanos) {
    return Arrays.stream(nanos).max().orElseThrow();
  }

  /** The least of which that part is not greater. */
  double quantile(double part) {
    int rank = (int) Math.ceil(part * sorted.length);
    return sorted[Math.max(1, rank) - 1];
  }

  double max() {
    return sorted[sorted.length - 1];
  }
}
