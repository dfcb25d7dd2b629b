package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.snapshot.CheckAges;
import dev.understudy.testing.Rows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class LateChecksTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  // Looks, one a second: how many of ten servers have late checks. What is told, by its second.
  @Rows(
      """
      nothing is told while all checks come in time        | 0 0 0 0                 | ``
      late checks are told once most of them are known     | 0 2 7 9 9 4             | 4 begins with 9
      those that are over before are not told              | 0 2 2 0 0 0 0           | ``
      and the next ones are new                            | 0 2 2 0 2 2 2 2         | 7 begins with 2
      the end is told after a while without any            | 0 3 5 3 3 0*29 0 0      | 4 begins with 3, 34 ends with 5
      late checks again within it are the same episode     | 0 3 3 3 3 0*29 8 0*29   | 4 begins with 3
      """)
  void an_episode_is_told_once_and_its_end(String row, String looks, String told) {
    List<String> news = new ArrayList<>();
    LateChecks late = LateChecks.NONE;
    int second = 0;
    for (String each : looks.split(" ", -1)) {
      String[] parts = each.split("\\*", -1);
      for (int i = 0; i < (parts.length == 1 ? 1 : Integer.parseInt(parts[1])); i++) {
        CheckAges seen = new CheckAges(10, Integer.parseInt(parts[0]), START);
        LateChecks before = late;
        late = before.look(seen, START.plusSeconds(second));
        if (late.told() && !before.told()) {
          news.add(second + " begins with " + seen.late());
        } else if (before.told() && !late.told()) {
          news.add(second + " ends with " + before.most());
        }
        second++;
      }
    }
    assertThat(String.join(", ", news)).isEqualTo(told);
  }
}
