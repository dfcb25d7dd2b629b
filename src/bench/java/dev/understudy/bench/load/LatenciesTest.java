package dev.understudy.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatenciesTest {
  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 63, 64, 127, 128, 129, 1_000, 999_999, 60_000_000_000L, Long.MAX_VALUE})
  void one_value_is_every_quantile_of_itself(long nanos) {
    Latencies latencies = new Latencies();
    latencies.record(nanos);
    for (double quantile : new double[] {0.01, 0.5, 0.99, 1}) {
      assertThat((double) latencies.quantile(quantile)).isCloseTo(nanos, within(nanos * 0.016));
    }
  }

  @Test
  void quantiles_of_evenly_spread_values_lie_where_they_should() {
    Latencies latencies = new Latencies();
    for (int i = 1; i <= 100_000; i++) {
      latencies.record(i * 1_000L);
    }
    assertThat(latencies.count()).isEqualTo(100_000);
    assertThat((double) latencies.quantile(0.5)).isCloseTo(50e6, within(0.8e6));
    assertThat((double) latencies.quantile(0.99)).isCloseTo(99e6, within(1.6e6));
  }

  @Test
  void those_above_a_limit_are_counted() {
    Latencies latencies = new Latencies();
    for (int millis = 1; millis <= 20; millis++) {
      latencies.record(millis * 1_000_000L);
    }
    assertThat(latencies.above(10_300_000)).isEqualTo(10);
    assertThat(latencies.above(100_000_000)).isZero();
  }

  @Test
  void nothing_recorded_is_zero() {
    assertThat(new Latencies().quantile(0.99)).isZero();
  }
}
