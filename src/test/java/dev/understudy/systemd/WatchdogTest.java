package dev.understudy.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the watchdog wants to be fed. */
class WatchdogTest {
  @Test
  void twice_within_the_limit() {
    assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", "60000000"), 7))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", "60000000", "WATCHDOG_PID", "7"), 7))
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void never_for_another_process_or_without_a_limit() {
    assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", "60000000", "WATCHDOG_PID", "8"), 7))
        .isNull();
    assertThat(Watchdog.interval(Map.of(), 7)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "1s", "99999999999999999999"})
  void never_with_a_limit_that_is_none(String micros) {
    assertThat(Watchdog.interval(Map.of("WATCHDOG_USEC", micros), 7)).isNull();
  }
}
