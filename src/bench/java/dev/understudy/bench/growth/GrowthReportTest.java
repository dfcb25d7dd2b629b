package dev.understudy.bench.growth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.growth.GrowthReport.Kind;
import dev.understudy.bench.report.Figure;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthReportTest {
  private static final Reading FEW = new Reading(10, 150, 20, 2, 100, 5, 4);
  private static final Reading MANY = new Reading(2_010, 190, 40, 22, 500, 45, 14);

  private final GrowthReport report = new GrowthReport();

  @Test
  void one_more_needs_the_difference_of_the_last_and_the_first_by_their_number() {
    report.add(Kind.POOLS, "Understudy", FEW);
    report.add(Kind.POOLS, "Understudy", MANY);
    assertThat(report.table().replaceAll(" +", " "))
        .contains(
            "| Understudy: 10 pools of two servers | 150 | 20.0 | 2.0 | 100 | 5.0 | 4.0 |",
            "| Understudy: 2,010 pools of two servers | 190 | 40.0 | 22.0 | 500 | 45.0 | 14.0 |",
            "| Understudy: each pool more | 20.00 KB | 10.00 KB | 0.0100 | 0.200 | 0.0200 | 0.0050"
                + " |");
  }

  @Test
  void what_a_proxy_does_not_have_is_a_dash_and_no_figure() {
    double none = Double.NaN;
    report.add(Kind.CLIENTS, "HAProxy 1.2.3", new Reading(0, 20, none, 1, none, 2, 1));
    report.add(Kind.CLIENTS, "HAProxy 1.2.3", new Reading(100, 30, none, 1, none, 2, 1));
    assertThat(report.table().replaceAll(" +", " "))
        .contains("| HAProxy 1.2.3: each client more | 100.00 KB | - KB | 0.0000 | - |");
    assertThat(report.rows())
        .extracting(row -> row.values().containsKey(Figure.HEAP_MB))
        .containsExactly(false, false);
    assertThat(report.rows().getLast().value(Figure.COUNT).median()).isEqualTo(100);
  }

  @Test
  void events_beyond_those_that_are_kept_do_not_make_each_cheaper() {
    assertThat(
            GrowthReport.slope(
                List.of(
                    new Reading(0, 150, 20, 2, 100, 5, 4),
                    new Reading(10_000, 160, 30, 2, 100, 5, 4),
                    new Reading(100_000, 160, 30, 2, 100, 5, 4)),
                Reading::rssMegabytes))
        .isEqualTo(0.001);
  }

  @Test
  void a_single_reading_has_no_slope() {
    assertThat(GrowthReport.slope(List.of(FEW), Reading::rssMegabytes)).isNaN();
  }
}
