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

  /** Marks with their seconds; the strip's last cells then, before which nothing is known. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          before the first mark nothing is known       |                  | 0   | .
          the present cell is the last character       | S 0              | 14  | S
          each 15 seconds begin a cell                 | S 0, u 15, d 30  | 31  | Sud
          a time without marks is not known            | S 0, S 60        | 60  | S...S
          until 15 minutes have passed a cell is known | d 0              | 885 | d...........................................................
          after 15 minutes a cell is forgotten         | d 0              | 900 | .
          """)
  void cells_have_their_marks(String what, String marks, long now, String cells) {
    for (String mark : marks == null ? new String[0] : marks.split(", ")) {
      strip.mark(mark.charAt(0), at(Long.parseLong(mark.substring(2))));
    }
    assertThat(strip.text(at(now))).as(what).isEqualTo(dots(60 - cells.length()) + cells);
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
