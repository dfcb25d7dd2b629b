package dev.understudy.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the watchdog wants to be fed. */
class WatchdogTest {
  @ParameterizedTest
  @CsvSource({
    "60000000, , 30",
    "60000000, 7, 30",
    "60000000, 8, ",
    ", , ",
    "'', , ",
    "0, , ",
    "-1, , ",
    "1s, , ",
    "99999999999999999999, , "
  })
  void twice_within_the_limit_and_never_for_another_process_or_with_a_limit_that_is_none(
      @Nullable String micros, @Nullable String pid, @Nullable Integer seconds) {
    Map<String, String> environment = new HashMap<>();
    environment.put("WATCHDOG_USEC", micros);
    environment.put("WATCHDOG_PID", pid);
    environment.values().removeIf(value -> value == null);
    assertThat(Watchdog.interval(environment, 7))
        .isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
  }
}
