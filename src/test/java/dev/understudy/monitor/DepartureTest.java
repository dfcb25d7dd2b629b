package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of when sessions are to leave a server. */
class DepartureTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration TIME = Duration.ofSeconds(30);

  /** What happens, each at its second, and the second since when sessions are to leave. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "stay",
      textBlock =
          """
          serve 1                       | stay
          serve 1, cease 5              | 5
          serve 1, drain 2              | stay
          serve 1, drain 2, cease 5     | stay
          serve 1, drain 2, cease 5, ready 9 | 9
          serve 1, drain 2, ready 5     | stay
          serve 1, cease 5, drain 6     | stay
          serve 1, cease 5, drain 34    | stay
          serve 1, cease 5, drain 35    | 5
          serve 1, cease 5, drain 6, ready 9 | 9
          serve 1, cease 5, drain 35, ready 40 | 5
          serve 1, cease 5, drain 35, serve 40 | stay
          drain 40                      | 10
          drain 40, ready 45            | 10
          drain 40, serve 45            | stay
          ready 3                       | 3
          """)
  void sessions_leave_since(String inputs, @Nullable Integer since) {
    Departure departure = Departure.NONE;
    boolean drains = false;
    for (String each : inputs.split(", ")) {
      String[] words = each.split(" ");
      Instant now = START.plusSeconds(Integer.parseInt(words[1]));
      drains = words[0].equals("drain") || (drains && !words[0].equals("ready"));
      departure =
          switch (words[0]) {
            case "serve", "cease" -> departure.serving(words[0].equals("serve"), drains, now);
            case "drain" -> departure.drained(TIME, now);
            default -> departure.undrained(now);
          };
    }
    assertThat(departure.since()).isEqualTo(since == null ? null : START.plusSeconds(since));
  }
}
