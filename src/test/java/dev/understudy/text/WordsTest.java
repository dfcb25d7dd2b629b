package dev.understudy.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("sets the locale")
class WordsTest {
  private enum State {
    IN_TRIAL
  }

  @Rows(
      """
      afterFailback | after-failback
      HealthChanged | health-changed
      IN_TRIAL      | in-trial
      url           | url
      http2Only     | http2-only
      """)
  void names_of_java_have_dashes_for_people(String name, String kebab) {
    assertThat(Words.kebab(name)).isEqualTo(kebab);
  }

  @Test
  void constants_are_in_lower_case_in_any_country() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      assertThat(Words.lower(State.IN_TRIAL)).isEqualTo("in_trial");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void long_lists_end_with_the_number_of_the_others() {
    List<String> three = List.of("a", "b", "c");
    assertThat(Words.bounded(three, 3)).isEqualTo(three);
    assertThat(Words.bounded(three, 2)).containsExactly("a", "b", "and 1 more");
    assertThat(Words.joined(three, 1, "; ")).isEqualTo("a; and 2 more");
    assertThat(Words.joined(List.of(), 1, "; ")).isEmpty();
  }

  @Test
  void long_texts_end_with_an_ellipsis_within_the_limit() {
    assertThat(Words.cut("abc", 3)).isEqualTo("abc");
    assertThat(Words.cut("abcd", 3)).isEqualTo("ab…");
    assertThat(Words.cut("abcdef", 5, "...")).isEqualTo("ab...");
    assertThat(Words.cut("a\ud83d\ude00bc", 3)).isEqualTo("a…");
  }
}
