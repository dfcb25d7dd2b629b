package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The rates of the last minutes, on a clock that the test sets. */
class RateHistoryTest {
  private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
  private static final PoolId SHOP = new PoolId("shop");
  private static final PoolId ART = new PoolId("art");
  private static final ServerId A = new ServerId("a");

  private final FakeTotals totals = new FakeTotals();
  private final RateHistory history = new RateHistory(totals.boundsNanos());
  private CounterReading newest;
  private long nanos;

  RateHistoryTest() {
    read();
  }

  private void read() {
    newest = CounterReading.take(totals, Map.of(), newest, nanos);
    history.add(newest, Set.of(SHOP, ART), START.plusNanos(nanos));
  }

  private void readAfter(int seconds) {
    nanos += TimeUnit.SECONDS.toNanos(seconds);
    read();
  }

  @Test
  void nothing_is_known_before_the_first_step_has_ended() {
    readAfter(9);

    assertThat(history.all().requestsPerSecond()).isEmpty();
    assertThat(history.pool(SHOP).p99Millis()).isEmpty();
    assertThat(history.requests()).isEmpty();
  }

  @Test
  void a_step_has_the_rates_of_its_pool_and_of_all() {
    totals.add("r", SHOP, A, 2, 30);
    totals.add("r", SHOP, null, 5, 10);
    totals.add(null, null, null, 4, 20);
    readAfter(10);
    readAfter(10);

    assertThat(history.all().requestsPerSecond()).containsExactly(6.0, 0.0);
    assertThat(history.pool(SHOP).requestsPerSecond()).containsExactly(4.0, 0.0);
    assertThat(history.pool(SHOP).errorsPerSecond()).containsExactly(1.0, 0.0);
    assertThat(history.pool(SHOP).p99Millis()).containsExactly(0.99, null);
    assertThat(history.pool(ART).requestsPerSecond()).containsExactly(0.0, 0.0);
    assertThat(history.requests()).containsOnlyKeys("shop");
  }

  @Test
  void readings_within_a_step_do_not_split_it() {
    for (int second = 0; second < 20; second++) {
      totals.add("r", SHOP, A, 2, 3);
      readAfter(1);
    }

    assertThat(history.pool(SHOP).requestsPerSecond()).containsExactly(3.0, 3.0);
    assertThat(history.end()).isEqualTo(START.plusSeconds(20));
  }

  @Test
  void a_late_reading_spreads_its_increase_over_the_steps_it_missed() {
    totals.add("r", SHOP, A, 2, 68);
    readAfter(34);

    assertThat(history.pool(SHOP).requestsPerSecond()).containsExactly(2.0, 2.0, 2.0);
    assertThat(history.end()).isEqualTo(START.plusSeconds(30));
  }

  @Test
  void the_oldest_step_is_forgotten_after_fifteen_minutes() {
    totals.add("r", SHOP, A, 2, 10);
    readAfter(10);
    for (int step = 1; step < RateHistory.STEPS; step++) {
      readAfter(10);
    }
    assertThat(history.pool(SHOP).requestsPerSecond())
        .hasSize(RateHistory.STEPS)
        .startsWith(1.0, 0.0);

    readAfter(10);

    assertThat(history.pool(SHOP).requestsPerSecond())
        .isEqualTo(Collections.nCopies(RateHistory.STEPS, 0.0));
  }

  @Test
  void a_pause_of_hours_leaves_one_ring_of_its_rate() {
    totals.add("r", SHOP, A, 2, 36_000);
    readAfter(36_000);

    assertThat(history.all().requestsPerSecond())
        .isEqualTo(Collections.nCopies(RateHistory.STEPS, 1.0));
  }

  @Test
  void a_pool_that_was_removed_is_forgotten() {
    PoolId old = new PoolId("old");
    totals.add("r", old, A, 2, 10);
    readAfter(10);

    assertThat(history.requests()).isEmpty();
    assertThat(history.all().requestsPerSecond()).containsExactly(1.0);
  }
}
