package dev.understudy.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttendedTimeTest {
  @ParameterizedTest
  @CsvSource({
    "1000, -1, true", "1000, 0, true", "1000, 50, true", "1000, 51, false", "1000, 5000, false",
    "5000, 250, true", "5000, 251, false", "200, 10, true", "200, 11, false", "20, 10, true",
    "20, 11, false"
  })
  void a_part_counts_if_the_loop_was_there_at_its_end(
      long timeoutMillis, long lateMillis, boolean counts) {
    AttendedTime before = AttendedTime.of(Duration.ofMillis(timeoutMillis));
    AttendedTime after = before.after(Duration.ofMillis(lateMillis));
    assertThat(after.left()).isEqualTo(counts ? 9 : 10);
    assertThat(after.repeated()).isEqualTo(counts ? 0 : 1);
  }

  @Test
  void a_time_out_that_the_loop_attended_to_is_as_long_as_its_parts() {
    AttendedTime time = AttendedTime.of(Duration.ofSeconds(1));
    Duration passed = Duration.ZERO;
    while (!time.isOver()) {
      passed = passed.plus(time.part());
      time = time.after(Duration.ofMillis(1));
    }
    assertThat(passed).hasSeconds(1);
  }

  @Test
  void a_loop_that_is_always_late_ends_the_time_nevertheless() {
    AttendedTime time = AttendedTime.of(Duration.ofSeconds(1));
    int parts = 0;
    while (!time.isOver()) {
      time = time.after(Duration.ofMillis(60));
      parts++;
    }
    assertThat(parts).isEqualTo(AttendedTime.PARTS + AttendedTime.MOST_REPEATED);
    assertThat(time.part().plusMillis(60).multipliedBy(parts))
        .isLessThan(Duration.ofSeconds(Prober.MOST_TIMEOUTS));
  }
}
