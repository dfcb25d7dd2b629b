package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.RequestEnd;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rates from cumulative readings, with a clock that the test moves. */
class CountWindowTest {
  private static final PoolId POOL = new PoolId("shop");
  private static final ServerId A = new ServerId("a");

  private final FakeTotals totals = new FakeTotals();
  private final CountWindow window = new CountWindow(totals.boundsNanos());
  private long retries;

  /** From now on the only series has that many requests, all within 1 ms. */
  private void count(int statusClass, RequestEnd end, long requests) {
    count("r", statusClass, end, requests);
  }

  private void count(String route, int statusClass, RequestEnd end, long requests) {
    totals.clear();
    totals.add(route, POOL, A, statusClass, end, requests);
  }

  private void readAt(double seconds) {
    long nanos = Math.round(seconds * TimeUnit.SECONDS.toNanos(1));
    window.add(CounterReading.take(totals, Map.of(POOL, retries), window.newest(), nanos));
  }

  private Rates rates() {
    return window.rates(window.increases(key -> key).get(new CountKey(POOL, A)));
  }

  @Test
  void one_reading_makes_no_rates() {
    count(2, RequestEnd.COMPLETED, 1_000_000);
    readAt(0);
    assertThat(rates()).isEqualTo(Rates.NONE);
  }

  @Test
  void two_readings_make_rates_over_the_time_between() {
    count(2, RequestEnd.COMPLETED, 1_000_000);
    readAt(0);
    count(2, RequestEnd.COMPLETED, 1_000_050);
    readAt(5);
    assertThat(rates().requests()).isEqualTo(10);
    assertThat(rates().responses().values()).containsExactly(0.0, 10.0, 0.0, 0.0, 0.0, 0.0);
    assertThat(rates().errors()).isZero();
    assertThat(rates().bytesIn()).isEqualTo(100);
    assertThat(rates().bytesOut()).isEqualTo(10);
    assertThat(rates().p50Millis()).isEqualTo(0.5);
    assertThat(rates().p99Millis()).isEqualTo(0.99);
  }

  @Test
  void readings_each_second_cover_the_last_ten() {
    for (int second = 0; second <= 30; second++) {
      count(2, RequestEnd.COMPLETED, second < 20 ? 1000 * second : 19_000 + (second - 19));
      readAt(second);
      if (second == 19) {
        assertThat(rates().requests()).isEqualTo(1000);
      }
    }
    assertThat(window.seconds()).isEqualTo(10);
    assertThat(rates().requests()).isEqualTo(1);
  }

  @Test
  void readings_every_five_seconds_cover_ten_and_those_between_up_to_fifteen() {
    for (int second = 0; second <= 20; second += 5) {
      readAt(second);
    }
    assertThat(window.seconds()).isEqualTo(10);
    readAt(24.5);
    assertThat(window.seconds()).isEqualTo(14.5);
  }

  @Test
  void a_quiet_server_shares_the_counts_of_its_readings() {
    count(2, RequestEnd.COMPLETED, 7);
    readAt(0);
    Counts first = window.newest().requests().get(new CountKey(POOL, A));
    count(2, RequestEnd.COMPLETED, 7);
    readAt(1);
    assertThat(window.newest().requests().get(new CountKey(POOL, A))).isSameAs(first);
    assertThat(window.increases(key -> key)).isEmpty();
  }

  @Test
  void a_series_that_begins_counts_from_zero() {
    readAt(0);
    count(5, RequestEnd.SERVER_FAILED, 20);
    readAt(10);
    assertThat(rates().errors()).isEqualTo(2);
  }

  @Test
  void a_removed_route_lowers_no_rate_below_zero_and_later_requests_count() {
    count("r", 2, RequestEnd.COMPLETED, 5_000);
    totals.add("s", POOL, A, 2, RequestEnd.COMPLETED, 10);
    readAt(0);
    count("s", 2, RequestEnd.COMPLETED, 10);
    readAt(1);
    count("s", 2, RequestEnd.COMPLETED, 30);
    readAt(2);
    assertThat(rates().requests()).isEqualTo(10);
  }

  @Test
  void routes_and_retries_have_rates() {
    count(2, RequestEnd.COMPLETED, 100);
    retries = 4;
    readAt(0);
    count(2, RequestEnd.COMPLETED, 130);
    retries = 9;
    readAt(10);
    assertThat(window.routes()).containsExactly(Map.entry("r", 3.0));
    assertThat(window.retries().get(POOL)).isEqualTo(0.5);
  }

  @ParameterizedTest(name = "{0} with class {1}: an error {2}, timed {3}")
  @CsvSource({
    "COMPLETED,           2, false, true",
    "COMPLETED,           5, true,  true",
    "LOCAL,              4, false, true",
    "NO_SERVER,          5, true,  true",
    "HOLD_FULL,          5, true,  true",
    "RESPONSE_TIMED_OUT, 5, true,  true",
    "RESPONSE_BROKEN,      2, true,  true",
    "STREAM_MOVED,       2, false, false",
    "CLIENT_GONE,        0, false, true",
    "CLIENT_GONE,        2, false, false",
    "TUNNEL_CLOSED,      1, false, false",
    "TUNNEL_TOLD,        1, false, false",
    "TUNNEL_IDLE,        1, false, false",
    "TUNNEL_BROKEN,      1, false, false",
    "STOPPING,           0, false, false",
  })
  void each_end_is_an_error_or_not_and_its_duration_counts_or_not(
      RequestEnd end, int statusClass, boolean error, boolean timed) {
    readAt(0);
    count(statusClass, end, 10);
    readAt(1);
    assertThat(rates().requests()).isEqualTo(10);
    assertThat(rates().responses().get(statusClass == 0 ? "none" : statusClass + "xx"))
        .isEqualTo(10);
    assertThat(rates().errors()).isEqualTo(error ? 10 : 0);
    assertThat(rates().p50Millis() != null).isEqualTo(timed);
  }
}
