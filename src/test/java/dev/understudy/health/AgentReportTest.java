package dev.understudy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import dev.understudy.testing.Rows;
import java.util.OptionalInt;

/** What an agent's line means. */
class AgentReportTest {
  @Rows(
      """
      up                       | true  |             |
      down                     | false |             |
      fail                     | false |             |
      stopped                  | false |             |
      ready                    |       | READY       |
      drain                    |       | DRAIN       |
      maint                    |       | MAINTENANCE |
      up ready                 | true  | READY       |
      UP,Drain\t75%            | true  | DRAIN       | 75
      0%                       |       |             | 0
      256%                     |       |             | 256
      257%                     |       |             | 256
      1000%                    |       |             |
      75                       |       |             |
      down # up again at noon  | false |             |
      `#up`                    |       |             |
      up down                  | false |             |
      maxconn:30 up            | true  |             |
      downwards                |       |             |
      ``                       |       |             |
      """)
  void words(String line, Boolean up, OperatorState state, Integer percent) {
    AgentReport report = AgentReport.parse(line + "\ndown drain");
    assertThat(report.up()).isEqualTo(up);
    assertThat(report.state()).isEqualTo(state);
    assertThat(report.percent())
        .isEqualTo(percent == null ? OptionalInt.empty() : OptionalInt.of(percent));
    assertThat(report.isUnderstood()).isEqualTo(up != null || state != null || percent != null);
  }
}
