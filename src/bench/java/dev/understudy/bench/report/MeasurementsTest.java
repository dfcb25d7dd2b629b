package dev.understudy.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MeasurementsTest {
  private final Measurements<Double> measurements = new Measurements<>();

  private void round(PythonLoop loop, double ours, double reference) {
    measurements.begin(loop);
    measurements.add("ours", ours);
    measurements.add("reference", reference);
  }

  @Test
  void ratios_are_taken_within_a_round() {
    round(new PythonLoop(1, 0.5), 4, 2);
    round(new PythonLoop(2, 1), 10, 1);
    round(new PythonLoop(4, 2), 12, 3);
    assertThat(measurements.spread("ours", v -> v)).isEqualTo(new Spread(4, 10, 12));
    assertThat(measurements.loops("ours", v -> v)).isEqualTo(new Spread(3, 4, 5));
    assertThat(measurements.cpuLoops("ours", v -> v)).isEqualTo(new Spread(6, 8, 10));
    assertThat(measurements.ratio("ours", "reference", v -> v)).isEqualTo(new Spread(2, 4, 10));
    assertThat(measurements.unit()).endsWith("2.00 (1.00-4.00) s.");
  }

  @Test
  void without_python_there_are_seconds_but_no_ratios_to_the_loop() {
    round(PythonLoop.NONE, 4, 2);
    assertThat(measurements.spread("ours", v -> v).text(1)).isEqualTo("4.0 (4.0-4.0)");
    assertThat(measurements.loops("ours", v -> v).text(1)).isEqualTo("-");
    assertThat(measurements.unit()).contains("no python3");
  }

  @Test
  void what_was_not_measured_has_no_ratio() {
    round(new PythonLoop(1, 1), 4, Double.NaN);
    assertThat(measurements.ratio("ours", "reference", v -> v).text(1)).isEqualTo("-");
    assertThat(measurements.ratio("ours", "nobody", v -> v).text(1)).isEqualTo("-");
  }

  @Test
  void the_loops_two_times_are_read_from_what_it_prints() {
    assertThat(PythonLoop.parse("0.5123 0.5\n")).isEqualTo(new PythonLoop(0.5123, 0.5));
  }
}
