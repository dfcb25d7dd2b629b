package dev.understudy.bench.starved;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.starved.Scene.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StarvedReportTest {
  private final StarvedReport report = new StarvedReport(Duration.ofSeconds(130));

  private static Outcome outcome(Scene scene, List<Double> seconds, String afterwards) {
    return new Outcome("HAProxy 1.2", scene, seconds, 7, 1, 90, 120, 10.4, 20.6, 4.25, afterwards);
  }

  private String table() {
    return report.table().replaceAll(" +", " ");
  }

  @Test
  void all_are_served_when_the_last_one_is() {
    report.add(outcome(Scene.quota(10, 6, Fault.END), List.of(3.0, 1.0, 2.0), ""));
    assertThat(table())
        .contains(
            "| quota of 10 %, 6 pools: 3 of 12 servers end; HAProxy 1.2 | 3.0 | 2.0 | 7 | 1 |"
                + " 90 → 120 | 10 → 21 | 4.3 | - |");
  }

  @Test
  void time_that_was_too_short_is_said_with_the_pools_that_are_served() {
    report.add(outcome(Scene.quota(5, 6, Fault.FREEZE), List.of(1.0), "6 well"));
    assertThat(table())
        .contains("servers freeze; HAProxy 1.2 | not within 130 s: 1 of 3 | - |", "| 6 well |");
  }

  @Test
  void pools_without_a_living_server_need_not_be_served() {
    Scene busy = Scene.busy();
    assertThat(busy.movedPools()).hasSize(170).startsWith(20).endsWith(189);
    assertThat(busy.words()).isEqualTo("40 loops beside it, 200 pools: 210 of 400 servers end");
  }

  @Test
  void a_row_of_responses_of_one_server_begins_anew_with_each_loss() {
    Visitors.View view = Visitors.View.NONE.next("backup", 10).next("backup", 20);
    assertThat(view).isEqualTo(new Visitors.View("backup", 10, 0));
    assertThat(view.next(null, 30).next("backup", 40))
        .isEqualTo(new Visitors.View("backup", 40, 1));
  }

  @Test
  void conditions_of_pools_are_counted() {
    assertThat(
            Overview.of(
                """
                {"pools": [{"condition": "well"}, {"condition": "nobody"}, {"condition": "well"}]}
                """))
        .isEqualTo("1 nobody, 2 well");
  }
}
