package dev.understudy.proxy.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotListTest {
  private static final class Item extends SlotList.Element {
    private final String name;

    Item(String name) {
      this.name = name;
    }
  }

  private final SlotList<Item> list = new SlotList<>();
  private final List<Item> items = Stream.of("a", "b", "c", "d").map(Item::new).toList();
  private final List<String> called = new ArrayList<>();

  SlotListTest() {
    items.forEach(list::add);
  }

  private List<String> listed() {
    List<String> names = new ArrayList<>();
    list.forEach(item -> names.add(item.name));
    return names;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void an_element_is_removed_once_wherever_it_stands(int index) {
    Item removed = items.get(index);
    assertThat(list.remove(removed)).isTrue();
    assertThat(list.remove(removed)).isFalse();
    assertThat(removed.isListed()).isFalse();
    assertThat(list.size()).isEqualTo(3);
    assertThat(listed()).hasSize(3).doesNotContain(removed.name);
    items.stream().filter(Item::isListed).forEach(list::remove);
    assertThat(list.isEmpty()).isTrue();
  }

  @Test
  void a_removed_element_can_be_added_again() {
    list.remove(items.get(1));
    list.add(items.get(1));
    assertThat(listed()).containsExactlyInAnyOrder("a", "b", "c", "d");
  }

  @Test
  void an_action_may_remove_its_own_element() {
    list.forEach(
        item -> {
          called.add(item.name);
          list.remove(item);
        });
    assertThat(called).containsExactly("d", "c", "b", "a");
    assertThat(list.isEmpty()).isTrue();
  }

  @Test
  void an_action_may_remove_all_elements() {
    list.forEach(
        item -> {
          called.add(item.name);
          items.forEach(list::remove);
        });
    assertThat(called).containsExactly("d");
  }

  @Test
  void an_element_that_moves_because_another_was_removed_still_gets_its_call() {
    list.forEach(
        item -> {
          called.add(item.name);
          list.remove(items.get(0));
        });
    assertThat(called).contains("b", "c", "d").doesNotContain("a");
  }

  @Test
  void a_condition_is_checked_for_each_element() {
    assertThat(list.any(item -> item.name.equals("a"))).isTrue();
    assertThat(list.any(item -> item.name.equals("e"))).isFalse();
  }
}
