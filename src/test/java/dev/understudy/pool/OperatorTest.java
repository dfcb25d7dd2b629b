package dev.understudy.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "Alice.B_c@example-1", "0"})
  void names_are_letters_digits_and_a_few_signs(String name) {
    assertThat(new Operator(name, null).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\n", "ä", "a/b", "a,b"})
  void other_names_are_none(String name) {
    assertThatThrownBy(() -> new Operator(name, null)).hasMessageStartingWith("name: expected");
    assertThat(Operator.ofStored(name, "reason")).isNull();
  }

  @Test
  void the_longest_name_has_64_characters() {
    assertThat(Operator.isName("a".repeat(64))).isTrue();
    assertThat(Operator.isName("a".repeat(65))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"disk swap", "Plattentausch – fällig", "\uD83D\uDEE0", "\"<&>\\"})
  void reasons_are_any_text_on_a_line(String reason) {
    assertThat(new Operator("alice", reason)).hasToString("alice: " + reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "a\nb",
        "a\tb",
        "a\u007Fb",
        "a\u0085b",
        "a\u2028b",
        "a\u202Eb",
        "a\u2066b",
        "a\uD800b"
      })
  void what_breaks_or_turns_a_line_is_no_reason(String reason) {
    assertThatThrownBy(() -> new Operator("alice", reason))
        .hasMessageStartingWith("reason: expected");
    assertThat(Operator.ofStored("alice", reason)).isEqualTo(new Operator("alice", null));
  }

  @Test
  void without_a_reason_the_name_stands_alone() {
    assertThat(new Operator("alice", null)).hasToString("alice");
  }
}
