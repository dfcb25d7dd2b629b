package dev.understudy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.time.Instant;

class CheckAgesTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  // Servers by the second of their newest check, late ones with an exclamation mark.
  @Rows(
      """
      no server                                                   | ``        | 0 of 0
      in time: the one that was checked longest ago               | 7 3 5     | 0 of 3, 3
      one is late: that one, though another has a longer interval | 3 5! 7    | 1 of 3, 5
      several are late: the oldest of them                        | 1 9! 4! 7 | 2 of 4, 4
      """)
  void the_oldest_is_a_late_one_if_there_is_any(String row, String servers, String expected) {
    CheckAges ages = CheckAges.NONE;
    for (String each : servers.isEmpty() ? new String[0] : servers.split(" ", -1)) {
      int late = each.endsWith("!") ? 1 : 0;
      Instant newest = START.plusSeconds(Integer.parseInt(each.replace("!", "")));
      ages = ages.and(new CheckAges(1, late, newest));
    }
    Instant oldest = ages.oldest();
    assertThat(
            ages.late()
                + " of "
                + ages.servers()
                + (oldest == null ? "" : ", " + (oldest.getEpochSecond() - START.getEpochSecond())))
        .isEqualTo(expected);
  }
}
