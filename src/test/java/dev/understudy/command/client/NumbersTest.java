package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.status.AgeText;
import dev.understudy.testing.Extent;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times and rates in narrow columns. */
@Tag(Extent.SLOW)
class NumbersTest {
  @ParameterizedTest
  @CsvSource({
    "-5, 0s",
    "0, 0s",
    "59, 59s",
    "60, 1m0s",
    "3599, 59m59s",
    "3600, 1h0m",
    "86399, 23h59m",
    "86400, 1d0h",
    "900000, 10d10h"
  })
  void age_has_two_units_at_most(long seconds, String text) {
    assertThat(AgeText.of(Duration.ofSeconds(seconds))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "null, -",
        "0, 0",
        "0.04, 0.0",
        "0.25, 0.3",
        "12, 12",
        "99.94, 99.9",
        "99.96, 100",
        "9999.4, 9999",
        "9999.5, 10.0k",
        "999949, 999.9k",
        "999950, 1.0M",
        "12345678, 12.3M"
      })
  void rate_has_seven_characters_at_most(Double number, String text) {
    assertThat(RateText.of(number)).isEqualTo(text).hasSizeLessThanOrEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {"null, 2026-11-21T18:00:00Z", "2026-11-21T18:00:00Z, null", "x, y"})
  void age_of_an_unknown_time_is_a_dash(String since, String now) {
    assertThat(AgeText.of(since, now)).isEqualTo("-");
  }
}
