package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.eventloop.TickClock;
import org.junit.jupiter.api.Test;

/** Time as ticks count it. */
class TickClockTest {
  private static final long PERIOD = EngineLoop.TICK_NANOS;

  private final TickClock clock = new TickClock(PERIOD);
  private long nanoTime = -7;

  TickClockTest() {
    clock.start(nanoTime);
  }

  private boolean tickAfter(long nanos) {
    nanoTime += nanos;
    return clock.tick(nanoTime);
  }

  private void ticks(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(tickAfter(PERIOD)).isTrue();
    }
  }

  @Test
  void ticks_in_time_count_what_has_passed() {
    assertThat(tickAfter(PERIOD + 5)).isTrue();
    assertThat(clock.now()).isEqualTo(PERIOD + 5);
  }

  @Test
  void a_late_tick_counts_one_period_and_voids_its_own_judgement() {
    assertThat(tickAfter(100 * PERIOD)).isFalse();
    assertThat(clock.now()).isEqualTo(PERIOD);
    assertThat(tickAfter(PERIOD)).isTrue();
    assertThat(clock.now()).isEqualTo(2 * PERIOD);
  }

  @Test
  void every_second_of_ticks_that_are_always_late_judges() {
    assertThat(tickAfter(3 * PERIOD)).isFalse();
    assertThat(tickAfter(3 * PERIOD)).isTrue();
    assertThat(tickAfter(3 * PERIOD)).isFalse();
    assertThat(tickAfter(3 * PERIOD)).isTrue();
    assertThat(clock.now()).isEqualTo(4 * PERIOD);
  }
}
