package dev.understudy.proxy.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sliding rate, as HAProxy's {@code freq_ctr} counts it. */
class RateCounterTest {
  private static final long PERIOD = 10_000;

  private static long after(RateCounter counter, int events, long now) {
    long rate = 0;
    for (int i = 0; i < events; i++) {
      rate = counter.add(now);
    }
    return rate;
  }

  @Test
  void within_the_first_period_every_event_counts() {
    RateCounter counter = new RateCounter(PERIOD, 0);
    assertThat(after(counter, 5, 0)).isEqualTo(5);
    assertThat(after(counter, 5, 9_999)).isEqualTo(10);
  }

  @Test
  void the_previous_period_counts_by_its_part_in_the_sliding_one() {
    RateCounter counter = new RateCounter(PERIOD, 0);
    after(counter, 100, 5_000);
    assertThat(counter.add(10_000)).isEqualTo(101);
    assertThat(counter.add(15_000)).isEqualTo(52);
    assertThat(counter.add(19_999)).isEqualTo(3);
    assertThat(counter.add(20_000)).isEqualTo(4);
  }

  @Test
  void after_two_periods_without_events_nothing_is_left() {
    RateCounter counter = new RateCounter(PERIOD, 0);
    after(counter, 100, 5_000);
    assertThat(counter.add(20_000)).isEqualTo(1);
  }

  @Test
  void after_the_announced_wait_another_event_is_within_the_limit_and_not_before() {
    Random random = new Random(3);
    for (int round = 0; round < 2_000; round++) {
      long limit = 1 + random.nextInt(20);
      long period = 100 + random.nextInt(2_000);
      long now = random.nextInt(1_000);
      RateCounter counter = new RateCounter(period, now);
      RateCounter early = new RateCounter(period, now);
      int events = 1 + random.nextInt(60);
      for (int i = 0; i < events; i++) {
        now += random.nextInt((int) period / 4);
        counter.add(now);
        early.add(now);
      }
      long wait = counter.millisUntilBelow(limit, now);
      assertThat(counter.add(now + wait)).isLessThanOrEqualTo(limit);
      if (wait > 0) {
        assertThat(early.add(now + wait - 1)).isGreaterThan(limit);
      }
    }
  }
}
