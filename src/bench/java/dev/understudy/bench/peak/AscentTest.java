package dev.understudy.bench.peak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.bench.load.Latencies;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AscentTest {
  private static final int REQUESTS = 100;

  /** A second with these µs of CPU for each request, of which each takes so long. */
  private static Second second(long micros, long millis) {
    Latencies latencies = new Latencies();
    IntStream.range(0, REQUESTS).forEach(i -> latencies.record(millis * 1_000_000));
    return new Second(micros * 1_000 * REQUESTS, latencies);
  }

  private static Ascent ascent(int... micros) {
    return new Ascent(Arrays.stream(micros).mapToObj(each -> second(each, 1)).toList(), 0);
  }

  private static int[] steps(int high, int seconds, int low, int more) {
    return IntStream.concat(
            IntStream.generate(() -> high).limit(seconds),
            IntStream.generate(() -> low).limit(more))
        .toArray();
  }

  @Test
  void the_peak_is_reached_when_nine_of_ten_later_windows_cost_no_quarter_more() {
    assertThat(ascent(steps(100, 8, 20, 40)).finalMicros()).isEqualTo(20);
    // From the eighth second on a window has no expensive second.
    assertThat(ascent(steps(100, 8, 20, 40)).secondsToPeak()).isEqualTo(8);
    assertThat(ascent(steps(100, 30, 20, 60)).secondsToPeak()).isEqualTo(30);
    assertThat(ascent(steps(24, 8, 20, 40)).secondsToPeak()).isZero();
  }

  @Test
  void a_single_dear_second_is_noise_and_dear_ones_at_the_end_leave_no_answer() {
    int[] late = steps(20, 100, 20, 0);
    late[50] = 200;
    assertThat(ascent(late).secondsToPeak()).isZero();
    late[99] = 20_000;
    late[89] = 20_000;
    assertThat(ascent(late).secondsToPeak()).isNaN();
  }

  @Test
  void slow_requests_are_those_of_the_first_ten_seconds() {
    Second quick = second(20, 1);
    Ascent ascent =
        new Ascent(
            List.of(
                second(20, 150),
                second(20, 15),
                quick,
                quick,
                quick,
                quick,
                quick,
                quick,
                quick,
                quick,
                second(20, 900)),
            0);
    assertThat(ascent.slowAtFirst(10)).isEqualTo(2 * REQUESTS);
    assertThat(ascent.slowAtFirst(100)).isEqualTo(REQUESTS);
    assertThat(ascent.worstAtFirstMillis()).isBetween(150.0, 153.0);
    assertThat(ascent.cpuSecondsAtFirst()).isEqualTo(0.02);
  }

  @Test
  void less_than_a_window_is_refused() {
    assertThatThrownBy(() -> ascent(1, 2, 3, 4)).hasMessageContaining("needs 5 seconds");
  }
}
