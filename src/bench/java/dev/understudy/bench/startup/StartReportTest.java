package dev.understudy.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Measurements;
import dev.understudy.bench.report.PythonLoop;
import dev.understudy.bench.startup.Start.Moment;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartReportTest {
  private final Measurements<Start> starts = new Measurements<>();
  private final StartReport report =
      new StartReport(starts, Map.of(StartReport.IMAGE, 150.0, StartReport.HAPROXY, 20.0));

  private void round(double imageSeconds, double badEvents) {
    starts.begin(new PythonLoop(0.5, 0.5));
    starts.add(StartReport.JAR, understudy(3, 0));
    starts.add(StartReport.IMAGE, understudy(imageSeconds, 0));
    starts.add(StartReport.HAPROXY, new Start(new Moment(0.05, 0.02, 15), Moment.NONE, Double.NaN));
    starts.add(StartReport.IMAGE + StartReport.POOLS, understudy(imageSeconds * 2, badEvents));
  }

  private static Start understudy(double seconds, double badEvents) {
    return new Start(
        new Moment(seconds, 2 * seconds, 180),
        new Moment(seconds + 0.5, 2 * seconds + 1, 190),
        badEvents);
  }

  @Test
  void each_form_has_a_row_with_what_it_has() {
    round(0.5, 0);
    assertThat(report.table().replaceAll(" +", " "))
        .contains(
            "| image's options, AOT cache | 0.50 (0.50-0.50) | 1.00 (1.00-1.00) | 10"
                + " | 1.00 (1.00-1.00) | 2.00 (2.00-2.00) | 180 (180-180) | 1.00 (1.00-1.00)"
                + " | 2.00 (2.00-2.00) | 2.00 (2.00-2.00) | 0 (0-0) | 150 |",
            "| HAProxy | 0.05 (0.05-0.05) | 0.10 (0.10-0.10) | 1 | 0.02 (0.02-0.02)"
                + " | 0.04 (0.04-0.04) | 15 (15-15) | - | - | - | - | 20 |");
  }

  @Test
  void targets_count_in_loops_and_the_worst_start_decides_on_bad_events() {
    round(0.5, 0);
    round(0.5, 3);
    assertThat(report.goals()).extracting(Goal::value).containsExactly(6.0, 1.0, 3.0, 3.0, 150.0);
  }

  @Test
  void the_page_of_results_gets_a_row_for_each_number_of_pools_and_form() {
    round(0.5, 0);
    assertThat(report.rows("HAProxy 1.2.3"))
        .extracting(row -> row.topic() + ": " + row.subject())
        .containsExactly(
            "1 pool: java -jar",
            "1 pool: image's options, AOT cache",
            "1 pool: HAProxy 1.2.3",
            "200 pools: image's options, AOT cache");
    assertThat(report.rows("HAProxy 1.2.3").get(1).value(Figure.LOADED_RSS_MB).median())
        .isEqualTo(150);
  }

  @Test
  void without_python_only_events_and_memory_are_judged() {
    starts.begin(PythonLoop.NONE);
    starts.add(StartReport.IMAGE + StartReport.POOLS, understudy(1, 0));
    assertThat(report.goals())
        .extracting(Goal::value)
        .containsExactly(Double.NaN, Double.NaN, Double.NaN, 0.0, 150.0);
  }
}
