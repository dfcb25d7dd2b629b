package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PassiveSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerCircuitBreakerTest {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final List<String> told = new ArrayList<>();
  private final ServerCircuitBreaker circuit =
      new ServerCircuitBreaker(
          "sense/sen1",
          new PassiveSettings(50, 4, Duration.ofSeconds(10), Duration.ofSeconds(10)),
          scheduler,
          () -> told.add("opened"),
          () -> told.add("due"));

  private void calls(int good, int failed) {
    for (int i = 0; i < good; i++) {
      circuit.called(false, Duration.ofMillis(1));
    }
    for (int i = 0; i < failed; i++) {
      circuit.called(true, Duration.ofMillis(1));
    }
    scheduler.settle();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "below the minimum of calls nothing is judged, 0, 3",
    "below the failure rate it stays closed, 6, 5"
  })
  void it_stays_closed(String what, int good, int failed) {
    calls(good, failed);
    assertThat(circuit.isOpen()).as(what).isFalse();
  }

  @Test
  void calls_that_took_long_are_no_failures() {
    for (int i = 0; i < 20; i++) {
      circuit.called(false, Duration.ofMinutes(2));
    }
    scheduler.settle();
    assertThat(circuit.isOpen()).isFalse();
  }

  @Test
  void at_the_failure_rate_it_opens_once_and_says_on_what() {
    calls(2, 2);
    calls(0, 5);
    assertThat(circuit.isOpen()).isTrue();
    assertThat(told).containsExactly("opened");
    assertThat(circuit.evidence())
        .isEqualTo(
            "2 of 4 calls failed within 10 s; open for at least 10 s, until the server is UP");
  }

  @Test
  void it_does_not_close_before_its_time() {
    calls(0, 4);
    scheduler.advance(Duration.ofMillis(9_999));
    assertThat(circuit.closeIfDue()).isFalse();
    assertThat(told).containsExactly("opened");
    scheduler.advance(Duration.ofMillis(1));
    assertThat(told).containsExactly("opened", "due");
    assertThat(circuit.closeIfDue()).isTrue();
    assertThat(circuit.isOpen()).isFalse();
  }

  @Test
  void once_closed_it_counts_from_zero() {
    calls(0, 4);
    scheduler.advance(Duration.ofSeconds(10));
    circuit.closeIfDue();
    calls(0, 3);
    assertThat(circuit.isOpen()).isFalse();
    calls(0, 1);
    assertThat(circuit.isOpen()).isTrue();
  }

  @Test
  void it_stays_open_twice_as_long_each_time_and_never_longer_than_ten_minutes() {
    for (int seconds : List.of(10, 20, 40, 80, 160, 320, 600, 600)) {
      calls(0, 4);
      assertStaysOpenFor(seconds);
    }
  }

  private void assertStaysOpenFor(int seconds) {
    assertThat(circuit.evidence()).contains("open for at least " + seconds + " s");
    scheduler.advance(Duration.ofSeconds(seconds).minusMillis(1));
    assertThat(circuit.closeIfDue()).isFalse();
    scheduler.advance(Duration.ofMillis(1));
    assertThat(circuit.closeIfDue()).isTrue();
  }

  @Test
  void after_ten_quiet_minutes_it_begins_anew() {
    calls(0, 4);
    scheduler.advance(Duration.ofSeconds(10));
    circuit.closeIfDue();
    scheduler.advance(Duration.ofMinutes(10).plusSeconds(1));
    calls(0, 4);
    assertStaysOpenFor(10);
  }

  @Test
  void a_stopped_breaker_reports_nothing_more() {
    calls(0, 4);
    circuit.stop();
    scheduler.advance(Duration.ofSeconds(20));
    assertThat(told).containsExactly("opened");
    assertThat(scheduler.pendingTimers()).isZero();
  }
}
