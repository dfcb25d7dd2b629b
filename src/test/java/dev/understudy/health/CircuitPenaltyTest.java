package dev.understudy.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long an opened breaker keeps its server out of use. */
class CircuitPenaltyTest {
  private static final Instant ZERO = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void a_breaker_that_never_opened_keeps_nothing_out_of_use() {
    assertThat(CircuitPenalty.NONE.active(ZERO)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "10, 1, 10",
    "10, 2, 20",
    "10, 3, 40",
    "10, 7, 600",
    "10, 60, 600",
    "600, 2, 600",
    "601, 1, 601",
    "3600, 3, 3600",
    "0.001, 3, 0.004"
  })
  void each_opening_in_succession_doubles_the_penalty_up_to_ten_minutes(
      double openFor, int openings, double expected) {
    CircuitPenalty penalty = CircuitPenalty.NONE;
    Instant now = ZERO;
    for (int i = 0; i < openings; i++) {
      now = penalty.until() == null ? ZERO : penalty.until();
      penalty = penalty.opened(seconds(openFor), now);
    }

    assertThat(Duration.between(now, penalty.until())).isEqualTo(seconds(expected));
    assertThat(penalty.openings()).isEqualTo(openings);
  }

  @Test
  void it_ends_at_its_very_end() {
    CircuitPenalty penalty = CircuitPenalty.NONE.opened(seconds(10), ZERO);

    assertThat(penalty.active(ZERO)).isTrue();
    assertThat(penalty.active(ZERO.plusMillis(9_999))).isTrue();
    assertThat(penalty.active(ZERO.plusSeconds(10))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"609.999, 20", "610, 10"})
  void ten_minutes_after_its_end_a_penalty_is_forgotten(double opensAgain, double expected) {
    Instant again = ZERO.plus(seconds(opensAgain));

    CircuitPenalty penalty =
        CircuitPenalty.NONE.opened(seconds(10), ZERO).opened(seconds(10), again);

    assertThat(penalty.until()).isEqualTo(again.plus(seconds(expected)));
  }

  private static Duration seconds(double value) {
    return Duration.ofMillis(Math.round(value * 1_000));
  }
}
