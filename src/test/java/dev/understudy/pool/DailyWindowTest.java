package dev.understudy.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DailyWindowTest {
  @ParameterizedTest(name = "{0} {1} at {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # window    | zone             | now                      | in    | next
          02:00-04:00 | UTC              | 2026-01-05T01:59:59.999Z | false | 2026-01-05T02:00:00Z
          02:00-04:00 | UTC              | 2026-01-05T02:00:00Z     | true  | 2026-01-05T02:00:00Z
          02:00-04:00 | UTC              | 2026-01-05T03:59:59.999Z | true  | 2026-01-05T03:59:59.999Z
          02:00-04:00 | UTC              | 2026-01-05T04:00:00Z     | false | 2026-01-06T02:00:00Z
          22:30-04:00 | UTC              | 2026-01-05T22:29:59Z     | false | 2026-01-05T22:30:00Z
          22:30-04:00 | UTC              | 2026-01-05T22:30:00Z     | true  | 2026-01-05T22:30:00Z
          22:30-04:00 | UTC              | 2026-01-06T00:00:00Z     | true  | 2026-01-06T00:00:00Z
          22:30-04:00 | UTC              | 2026-01-06T04:00:00Z     | false | 2026-01-06T22:30:00Z
          02:00-04:00 | Europe/Berlin    | 2026-01-05T01:00:00Z     | true  | 2026-01-05T01:00:00Z
          02:00-04:00 | Europe/Berlin    | 2026-07-05T00:00:00Z     | true  | 2026-07-05T00:00:00Z
          02:00-04:00 | Europe/Berlin    | 2026-07-05T02:00:00Z     | false | 2026-07-06T00:00:00Z
          # Clocks go from 02:00 to 03:00 on 2026-03-29, and back from 03:00 to 02:00 on 2026-10-25.
          02:00-04:00 | Europe/Berlin    | 2026-03-29T00:59:59Z     | false | 2026-03-29T01:00:00Z
          02:00-02:30 | Europe/Berlin    | 2026-03-29T00:59:59Z     | false | 2026-03-29T01:00:00Z
          02:00-02:30 | Europe/Berlin    | 2026-03-29T01:00:00Z     | false | 2026-03-30T00:00:00Z
          02:00-02:30 | Europe/Berlin    | 2026-10-25T00:00:00Z     | true  | 2026-10-25T00:00:00Z
          02:00-02:30 | Europe/Berlin    | 2026-10-25T01:00:00Z     | true  | 2026-10-25T01:00:00Z
          """)
  void contains_and_next(String window, String zone, Instant now, boolean in, Instant next) {
    DailyWindow daily = DailyWindow.parse(window);
    assertThat(daily.contains(now, ZoneId.of(zone))).isEqualTo(in);
    assertThat(daily.next(now, ZoneId.of(zone))).isEqualTo(next);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "02:00", "2:00-4:00", "02:00-02:00", "24:00-01:00", "02:60-03:00"})
  void other_texts_are_refused(String text) {
    assertThatThrownBy(() -> DailyWindow.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void windows_of_the_same_times_are_equal_and_written_as_they_were() {
    assertThat(DailyWindow.parse("02:00-04:00")).isEqualTo(DailyWindow.parse("02:00-04:00"));
    assertThat(DailyWindow.parse("02:00-04:00")).isNotEqualTo(DailyWindow.parse("02:00-04:01"));
    assertThat(DailyWindow.parse("22:30-04:00")).hasToString("22:30-04:00");
  }
}
