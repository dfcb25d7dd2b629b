package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a story says that is not so, or means nothing, fails it. */
class StoryWordsTest {
  private final StoryWords words = new StoryWords(root -> null);

  @BeforeEach
  void name() {
    words.fact("three", () -> 3);
    words.fact("list", () -> List.of("a", "bc"));
    words.fact("nothing", () -> null);
    words.verb("do (.*)", on -> {});
    words.verb("do it twice", on -> {});
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "three = 3",
        "three != 4",
        "three in 3..4",
        "list = \"a, bc\"; list ~ bc",
        "list.length = \"1, 2\"; list.size = 2",
        "nothing = null; nothing.size = null",
        "keep three as before; three = $before",
        "do it"
      })
  void what_is_so_passes(String line) {
    words.play(line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "three = 4",
        "three != 3",
        "three ~ 4",
        "three in 4..5",
        "three is 3",
        "three =",
        "three.none = 3",
        "three = $never",
        "four = 4",
        "four = null",
        "do it twice",
        "do nothing of the kind; list.size = 3",
        "unheard of"
      })
  void anything_else_fails(String line) {
    assertThatThrownBy(() -> words.play(line)).isInstanceOf(AssertionError.class);
  }
}
