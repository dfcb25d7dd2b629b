package dev.understudy.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches stay short, however regular the names are. */
class NameTableTest {
  private static final int COUNT = 10_000;
  private static final int LONGEST = 32;

  @ParameterizedTest
  @ValueSource(strings = {"h%d", "app-%05d", "%d", "tenant%d-web", "%x"})
  void ten_thousand_names_are_found_in_a_few_steps(String form) {
    NameTable<Integer> names = new NameTable<>();
    IntFunction<String> name = form::formatted;
    for (int i = 0; i < COUNT; i++) {
      names.put(name.apply(i), i);
    }
    for (int i = 0; i < COUNT; i++) {
      assertThat(names.get(name.apply(i))).isEqualTo(i);
    }
    assertThat(longestSearch(names)).isLessThan(LONGEST);
  }

  /** Slots in use side by side: a search goes on until an empty one. */
  private static int longestSearch(NameTable<?> names) {
    int longest = 0;
    int run = 0;
    for (int slot : names.slots) {
      run = slot < 0 ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  @Test
  void a_part_of_a_text_is_found_with_and_without_letter_case() {
    NameTable<String> names = new NameTable<>();
    names.put("abc", "it");
    int hash = NameTable.hash("xABCx", 1, 4);
    assertThat(names.value(names.find("xABCx", 1, 4, hash, true))).isEqualTo("it");
    assertThat(names.find("xABCx", 1, 4, hash, false)).isEqualTo(NameTable.NOTHING);
    assertThat(names.find("xABx", 1, 3, NameTable.hash("xABx", 1, 3), true))
        .isEqualTo(NameTable.NOTHING);
  }

  @Test
  void a_name_has_its_smallest_rank_and_a_value_in_any_order() {
    NameTable<String> names = new NameTable<>();
    names.rank("a", 7);
    names.rank("a", 70_000);
    names.put("b", "it");
    names.put("a", "too");
    names.rank("b", 70_001);
    assertThat(names.rank(entry(names, "a"))).isEqualTo(7);
    assertThat(names.rank(entry(names, "b"))).isEqualTo(70_001);
    assertThat(names.get("a")).isEqualTo("too");
    assertThat(names.get("b")).isEqualTo("it");
    names.rank("c", 1);
    assertThat(names.get("c")).isNull();
    names.put("d", "last");
    assertThat(names.rank(entry(names, "d"))).isEqualTo(NameTree.NONE);
  }

  private static int entry(NameTable<?> names, String key) {
    return names.find(key, 0, key.length(), NameTable.hash(key, 0, key.length()), false);
  }

  @Test
  void more_names_than_a_character_counts_are_told_apart() {
    NameTable<Integer> names = new NameTable<>();
    int many = Character.MAX_VALUE + 10;
    for (int i = 0; i < many; i++) {
      names.put("n" + i, i);
    }
    assertThat(names.get("n0")).isZero();
    assertThat(names.get("n9")).isEqualTo(9);
    assertThat(names.get("n" + (many - 1))).isEqualTo(many - 1);
    assertThat(names.get("n" + many)).isNull();
  }

  @Test
  void names_of_all_lengths_and_characters_are_found() {
    NameTable<String> names = new NameTable<>();
    List<String> all = List.of("", "a", "A", "ä", "\u20ac", "x".repeat(Character.MAX_VALUE));
    for (String name : all) {
      assertThat(names.get(name)).isNull();
      names.put(name, "is " + name);
    }
    for (String name : all) {
      assertThat(names.get(name)).isEqualTo("is " + name);
    }
  }
}
