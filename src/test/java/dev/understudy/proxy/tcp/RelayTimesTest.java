package dev.understudy.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import dev.understudy.traffic.ConnectionEnd;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The time limits of an open connection, which is idle after a minute. */
class RelayTimesTest {
  @Rows(
      """
      # seconds since the last byte
      59   | false |              |
      60   | false |              | IDLE
      9    | true  |              |
      10   | true  |              | SERVER_FAILED
      # it has to move
      0    | false | at 0         | MOVED
      0    | false | at 1         |
      10   | true  | at 10        | MOVED
      60   | false | at 60        | MOVED
      10   | false | at 20, at 10 | MOVED
      10   | false | at 10, at 20 | MOVED
      10   | false | at 10, stay  |
      """)
  void it_is_cut(long quiet, boolean lingers, @Nullable String plans, @Nullable ConnectionEnd why) {
    long begin = Duration.ofDays(1).toNanos();
    RelayTimes times = new RelayTimes();
    assertThat(check(times, begin - seconds(100), false)).isNull();
    times.touch();
    assertThat(check(times, begin, false)).isNull();
    for (String plan : plans == null ? new String[0] : plans.split(", ")) {
      if (plan.equals("stay")) {
        times.stay();
      } else {
        times.moveAt(begin + seconds(Long.parseLong(plan.substring(3))));
      }
    }
    assertThat(check(times, begin + seconds(quiet), lingers)).isEqualTo(why);
  }

  private static @Nullable ConnectionEnd check(RelayTimes times, long clock, boolean lingers) {
    return times.check(clock, seconds(60), lingers);
  }

  private static long seconds(long count) {
    return Duration.ofSeconds(count).toNanos();
  }
}
