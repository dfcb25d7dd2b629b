package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TurnsTest {
  private static final Duration LENGTH = Duration.ofMillis(50);

  // Milliseconds, of which 0 and 50 are turns.
  @ParameterizedTest
  @CsvSource({"0, 50, 0", "1, 49, -1", "24, 26, -24", "25, 25, 25", "26, 24, 24", "49, 1, 1"})
  void a_moment_is_less_than_a_turn_from_the_next_and_half_of_one_from_the_nearest(
      long moment, long untilNext, long toNearest) {
    for (Instant second : new Instant[] {Instant.EPOCH, Instant.parse("2026-01-01T00:00:59Z")}) {
      Instant then = second.plusMillis(moment);
      assertThat(Turns.untilNext(then, LENGTH)).hasMillis(untilNext);
      assertThat(Turns.toNearest(then, LENGTH)).hasMillis(toNearest);
    }
  }
}
