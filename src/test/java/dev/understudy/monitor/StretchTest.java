package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.testing.Rows;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StretchTest {
  private Stretch stretch = Stretch.NONE;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private void beats(int count, long lateMillis, boolean crowded) {
    for (int i = 0; i < count; i++) {
      now = now.plusMillis(100);
      stretch = stretch.beat(Duration.ofMillis(lateMillis), crowded, now);
    }
  }

  // Beats of 100 ms that come so late, and the factor after them.
  @Rows(
      """
      a process in time makes its checks as configured      | 100 | 0   | false | 1
      one that is a little late does so too                 | 100 | 29  | false | 1
      one that is late makes them more rarely, step by step | 15  | 60  | false | 1.25
      and further                                           | 25  | 60  | false | 1.5625
      at most two and a half times as rarely                | 300 | 150 | false | 2.5
      a prober that has too little time shows the same      | 300 | 0   | true  | 2.5
      one long pause is no lack of CPU                      | 1   | 20000 | false | 1
      """)
  void it_grows(String row, int beats, long late, boolean crowded, double factor) {
    beats(beats, late, crowded);
    assertThat(stretch.factor()).isCloseTo(factor, within(1e-9));
  }

  @Test
  void it_shrinks_again_as_fast_as_calm_allows() {
    beats(300, 150, false);
    beats(40, 1, false);
    assertThat(stretch.factor()).isEqualTo(Stretch.MOST);
    beats(400, 1, false);
    assertThat(stretch.factor()).isEqualTo(1);
  }

  @Test
  void it_stays_while_the_process_is_neither_late_nor_in_time() {
    beats(300, 150, false);
    beats(300, 20, false);
    assertThat(stretch.factor()).isEqualTo(Stretch.MOST);
  }
}
