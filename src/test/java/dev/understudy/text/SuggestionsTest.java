package dev.understudy.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The nearest known name is offered, and nothing where none is near. */
class SuggestionsTest {
  @Rows(
      """
      ``      | ``      | 0
      a       | ``      | 1
      ``      | ab      | 2
      abc     | abc     | 0
      abc     | acb     | 1
      ab      | ba      | 1
      kitten  | sitting | 3
      fall    | fal     | 1
      servers | srevres | 2
      ca      | abc     | 3
      """)
  void distance_counts_edits_and_swaps_of_neighbours(String a, String b, int edits) {
    assertThat(Suggestions.distance(a, b)).isEqualTo(edits);
    assertThat(Suggestions.distance(b, a)).isEqualTo(edits);
  }

  @Test
  void the_nearest_name_wins() {
    List<String> known = List.of("health", "hold", "tls", "fast-interval", "on-switch");
    assertThat(Suggestions.nearest("helth", known)).isEqualTo("health");
    assertThat(Suggestions.nearest("fastInterval", known)).isEqualTo("fast-interval");
    assertThat(Suggestions.nearest("FAST_INTERVAL", known)).isEqualTo("fast-interval");
    assertThat(Suggestions.nearest("onswitch", known)).isEqualTo("on-switch");
    assertThat(Suggestions.nearest("tlss", known)).isEqualTo("tls");
    assertThat(Suggestions.nearest("xyz", known)).isNull();
    assertThat(Suggestions.nearest("h".repeat(100_000), known)).isNull();
  }

  @Test
  void where_none_is_near_all_are_named() {
    assertThat(Suggestions.unknown("key", "xyz", List.of("a", "b")))
        .isEqualTo("unknown key, expected one of a, b");
  }
}
