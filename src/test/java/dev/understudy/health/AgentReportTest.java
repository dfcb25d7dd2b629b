package dev.understudy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an agent's line means. */
class AgentReportTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "up                       | true  | -           | -",
        "down                     | false | -           | -",
        "fail                     | false | -           | -",
        "stopped                  | false | -           | -",
        "ready                    | -     | READY       | -",
        "drain                    | -     | DRAIN       | -",
        "maint                    | -     | MAINTENANCE | -",
        "up ready                 | true  | READY       | -",
        "UP,Drain\t75%            | true  | DRAIN       | 75",
        "0%                       | -     | -           | 0",
        "256%                     | -     | -           | 256",
        "257%                     | -     | -           | 256",
        "1000%                    | -     | -           | -",
        "75                       | -     | -           | -",
        "down # up again at noon  | false | -           | -",
        "'#up'                    | -     | -           | -",
        "up down                  | false | -           | -",
        "maxconn:30 up            | true  | -           | -",
        "downwards                | -     | -           | -",
        "''                       | -     | -           | -",
      })
  void words(String line, Boolean up, OperatorState state, Integer percent) {
    AgentReport report = AgentReport.parse(line + "\ndown drain");
    assertThat(report.up()).isEqualTo(up);
    assertThat(report.state()).isEqualTo(state);
    assertThat(report.percent())
        .isEqualTo(percent == null ? OptionalInt.empty() : OptionalInt.of(percent));
    assertThat(report.isUnderstood()).isEqualTo(up != null || state != null || percent != null);
  }
}
