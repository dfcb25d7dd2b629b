package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The strip of the last 15 minutes. */
class StatusStripTest {
  /** The begin of a cell. */
  private static final Instant START = Instant.parse("2026-11-21T18:00:00Z");

  private final StatusStrip strip = new StatusStrip();

  private static Instant at(long seconds) {
    return START.plusSeconds(seconds);
  }

  private static String dots(int count) {
    return ".".repeat(count);
  }

  @Test
  void before_the_first_mark_nothing_is_known() {
    assertThat(strip.text(START)).isEqualTo(dots(60));
  }

  @Test
  void the_present_cell_is_the_last_character() {
    strip.mark('S', at(0));
    assertThat(strip.text(at(14))).isEqualTo(dots(59) + "S");
  }

  @Test
  void each_15_seconds_begin_a_cell() {
    strip.mark('S', at(0));
    strip.mark('u', at(15));
    strip.mark('d', at(30));
    assertThat(strip.text(at(31))).isEqualTo(dots(57) + "Sud");
  }

  @Test
  void a_time_without_marks_is_not_known() {
    strip.mark('S', at(0));
    strip.mark('S', at(60));
    assertThat(strip.text(at(60))).isEqualTo(dots(55) + "S...S");
  }

  @ParameterizedTest(name = "of {0} then {1} remains {2}")
  @CsvSource({
    "u, d, d", "d, u, d", "d, m, d", "m, d, d", "x, m, m", "m, x, m", "x, S, x", "?, u, ?",
    "S, u, u", "u, S, S", "S, ?, ?",
  })
  void the_weightier_state_of_a_cell_remains(char first, char second, char remains) {
    strip.mark(first, at(0));
    strip.mark(second, at(5));
    assertThat(strip.text(at(6))).endsWith(String.valueOf(remains));
  }

  @Test
  void after_15_minutes_a_cell_is_forgotten() {
    strip.mark('d', at(0));
    assertThat(strip.text(at(59 * 15))).isEqualTo("d" + dots(59));
    assertThat(strip.text(at(60 * 15))).isEqualTo(dots(60));
  }

  @Test
  void after_a_long_pause_nothing_old_is_left() {
    for (int i = 0; i < 60; i++) {
      strip.mark('S', at(15L * i));
    }
    assertThat(strip.text(at(59 * 15))).isEqualTo("S".repeat(60));
    Instant later = START.plus(Duration.ofDays(2));
    strip.mark('u', later);
    assertThat(strip.text(later)).isEqualTo(dots(59) + "u");
  }

  @Test
  void a_steady_server_has_a_strip_that_does_not_change() {
    for (int i = 0; i < 200; i++) {
      strip.mark('S', at(5L * i));
    }
    String full = strip.text(at(995));
    strip.mark('S', at(1000));
    strip.mark('S', at(1010));
    assertThat(strip.text(at(1012))).isEqualTo(full).isEqualTo("S".repeat(60));
  }
}
