package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Downtime and failed checks of one server. */
class ServerHistoryTest {
  private static final Instant START = Instant.parse("2026-11-21T18:00:00Z");

  private final ServerHistory history = new ServerHistory();

  private static Instant at(long seconds) {
    return START.plusSeconds(seconds);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a present outage counts in steps of five seconds     | DOWN 10                            | 25  | 15
          a present outage counts until the next step          | DOWN 10                            | 29  | 15
          a present outage counts until now                    | DOWN 10                            | 30  | 20
          outages add up                                       | UP 0, DOWN 10, UP 12, DOWN 20, UP 25 | 100 | 7
          a report that repeats changes nothing                | DOWN 10, DOWN 10, UP 12, UP 12     | 100 | 2
          an outdated report is ignored                        | DOWN 10, UP 12, DOWN 10            | 100 | 2
          a server that becomes another ends its outage        | DOWN 10, UNKNOWN 13                | 100 | 3
          a summary from before the outage has none            | DOWN 10                            | 5   | 0
          """)
  void downtime_is_that_of_outages(String what, String reports, long now, long seconds) {
    for (String report : reports.split(", ")) {
      String[] parts = report.split(" ");
      history.health(HealthStatus.valueOf(parts[0]), at(Long.parseLong(parts[1])));
    }
    assertThat(history.summary(at(now)).downtime()).as(what).hasSeconds(seconds);
  }

  @Test
  void failed_checks_are_counted() {
    history.checkFailed();
    history.checkFailed();
    assertThat(history.summary(START).checksFailed()).isEqualTo(2);
  }
}
