package dev.understudy.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The wait before a message is sent again. */
@Tag(Extent.SLOW)
class RetryDelayTest {
  @ParameterizedTest
  @CsvSource({
    // failures, Retry-After, at least, at most in milliseconds
    "1, , 1000, 1250",
    "2, , 1500, 2500",
    "3, , 3000, 5000",
    "6, , 24000, 40000",
    "7, , 48000, 60000",
    "1000000, , 48000, 60000",
    "1, 30, 30000, 30000",
    "7, 5, 48000, 60000",
    "1, 0, 1000, 1250",
    "1, 86400, 600000, 600000",
    "1, 'Tue, 24 Nov 2026 20:00:33 GMT', 30000, 30000",
    "1, 'Tue, 24 Nov 2020 20:00:33 GMT', 1000, 1250",
    "1, soon, 1000, 1250",
    "1, 99999999999999, 1000, 1250"
  })
  void it_doubles_up_to_a_minute_and_a_receiver_may_ask_for_more(
      int failures, @Nullable String retryAfter, long least, long most) {
    for (int seed = 0; seed < 100; seed++) {
      Duration wait = RetryDelay.after(failures, retryAfter, SampleEvents.NOW, new Random(seed));
      assertThat(wait.toMillis()).isBetween(least, most);
    }
  }
}
