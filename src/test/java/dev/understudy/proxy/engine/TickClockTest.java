package dev.understudy.proxy.engine;

import static dev.understudy.proxy.engine.ExchangeTimer.Verdict.CLIENT_LATE;
import static dev.understudy.proxy.engine.ExchangeTimer.Verdict.FINE;
import static dev.understudy.proxy.engine.ExchangeTimer.Verdict.SERVER_LATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.eventloop.TickClock;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Time as ticks count it, and the time limits that are measured by it. */
class TickClockTest {
  private static final long PERIOD = EngineLoop.TICK_NANOS;
  private static final TimeoutSettings LIMITS =
      TestSettings.timeouts(
          Duration.ofNanos(2 * PERIOD),
          Duration.ofNanos(6 * PERIOD),
          Duration.ofNanos(4 * PERIOD),
          Duration.ofHours(1));

  private final TickClock clock = new TickClock(PERIOD);
  private final ExchangeTimer watch = new ExchangeTimer(clock);
  private long nanoTime = -7;

  TickClockTest() {
    clock.start(nanoTime);
    watch.begin();
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

  @Test
  void a_limit_is_never_shorter_than_it_says_and_at_most_one_period_longer() {
    ticks(2);
    assertThat(watch.isConnectOver(LIMITS)).isFalse();
    ticks(1);
    assertThat(watch.isConnectOver(LIMITS)).isTrue();
  }

  @Test
  void the_response_limit_runs_from_the_last_byte_of_the_request() {
    ticks(5);
    watch.moved();
    ticks(6);
    assertThat(watch.awaiting(LIMITS, true, true)).isEqualTo(FINE);
    ticks(1);
    assertThat(watch.awaiting(LIMITS, true, true)).isEqualTo(SERVER_LATE);
  }

  @Test
  void the_idle_limit_holds_while_the_request_is_sent_and_says_who_is_late() {
    ticks(4);
    assertThat(watch.awaiting(LIMITS, false, false)).isEqualTo(FINE);
    ticks(1);
    assertThat(watch.awaiting(LIMITS, false, false)).isEqualTo(CLIENT_LATE);
    assertThat(watch.awaiting(LIMITS, false, true)).isEqualTo(SERVER_LATE);
  }

  @Test
  void the_idle_limit_begins_again_with_each_byte() {
    ticks(4);
    watch.moved();
    ticks(4);
    assertThat(watch.isIdleOver(LIMITS)).isFalse();
    ticks(1);
    assertThat(watch.isIdleOver(LIMITS)).isTrue();
  }
}
