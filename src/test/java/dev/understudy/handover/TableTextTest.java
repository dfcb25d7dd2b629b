package dev.understudy.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableTextTest {
  private static List<String> read(@Nullable String text) {
    List<String> rows = new ArrayList<>();
    TableText.read("things", 1, text, words -> rows.add(String.join("|", words)));
    return rows;
  }

  @Test
  void rows_are_read_in_the_order_in_which_they_were_added() {
    TableText table = new TableText("things", 1);
    assertThat(table.add("a 1")).isTrue();
    assertThat(table.add("b 2 ")).isTrue();
    assertThat(read(table.text())).containsExactly("a|1", "b|2|");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\nb\r", "ä\u0000+%25", "\"quoted\\\""})
  void any_text_is_a_word(String text) {
    String word = TableText.word(text);
    assertThat(word).matches("[-_.*+%A-Za-z0-9]*");
    assertThat(TableText.textOf(word)).isEqualTo(text);
  }

  @Test
  void what_has_no_room_is_left_out() {
    TableText table = new TableText("things", 1, "things 1\na 1\nb 2".length());
    assertThat(table.add("a 1")).isTrue();
    assertThat(table.add("too long")).isFalse();
    assertThat(table.add("b 2")).isTrue();
    assertThat(table.add("c")).isFalse();
    assertThat(read(table.text())).containsExactly("a|1", "b|2");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {"", "\n", "things", "things 2\na 1", "things 11\na 1", "others 1\na 1", "{}"})
  void a_table_of_another_form_or_version_is_left(@Nullable String text) {
    assertThat(read(text)).isEmpty();
  }

  @Test
  void damaged_rows_are_left_out() {
    List<Integer> numbers = new ArrayList<>();
    TableText.read(
        "things",
        1,
        "things 1\nn 1\nn\n\nn x\nn 2\nn",
        words -> numbers.add(Integer.valueOf(words.get(1))));
    assertThat(numbers).containsExactly(1, 2);
  }
}
