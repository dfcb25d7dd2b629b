package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quantiles from buckets with the bounds 1, 10 and 100 ms. */
class QuantilesTest {
  private static final long[] BOUNDS = {1_000_000, 10_000_000, 100_000_000};

  private static Double quantile(double quantile, String counts) {
    long[] parsed = Arrays.stream(counts.trim().split(" +")).mapToLong(Long::parseLong).toArray();
    return Quantiles.millis(quantile, parsed, BOUNDS);
  }

  // Values as Prometheus' histogram_quantile gives them for the same buckets.
  @ParameterizedTest(name = "{2}: {0} of {1} is {3} ms")
  @CsvSource({
    "0.5,  10 0 0 0, within the first bucket from zero,      0.5",
    "0.99, 10 0 0 0, near the first bound,                   0.99",
    "0.5,  0 10 0 0, within a later bucket from its bound,   5.5",
    "0.5,  5 5 0 0,  at a bound,                             1",
    "0.99, 98 0 2 0, in the tail,                            55",
    "0.5,  0 0 0 7,  beyond all bounds the largest bound,    100",
    "0.99, 99 0 0 1, at the edge of the tail,                1",
    "0,    0 5 0 0,  of nothing the lower edge,              0",
    "1,    1 1 1 0,  of all the upper bound,                 100",
  })
  void quantile_is_interpolated(double quantile, String counts, String where, double millis) {
    assertThat(quantile(quantile, counts)).as(where).isEqualTo(millis);
  }

  @Test
  void nothing_counted_has_no_quantile() {
    assertThat(quantile(0.5, "0 0 0 0")).isNull();
  }

  @Test
  void values_have_three_digits() {
    assertThat(quantile(0.5, "7 0 3 0")).isEqualTo(0.714);
    assertThat(quantile(0.99, "0 0 300 0")).isEqualTo(99.1);
  }
}
