package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReductionTest {
  private static final List<Integer> TEN = IntStream.range(0, 10).boxed().toList();

  @Test
  void what_fails_together_is_left() {
    assertThat(Reduction.reduce(TEN, 100, part -> part.containsAll(List.of(2, 7))))
        .containsExactly(2, 7);
  }

  @Test
  void nothing_is_left_out_if_no_part_fails() {
    assertThat(Reduction.reduce(TEN, 100, part -> false)).isEqualTo(TEN);
  }

  @Test
  void trials_are_bounded() {
    List<List<Integer>> tried = new ArrayList<>();
    Reduction.reduce(
        TEN,
        3,
        part -> {
          tried.add(part);
          return false;
        });
    assertThat(tried).hasSize(3);
  }

  @Test
  void single_part_is_left() {
    assertThat(Reduction.reduce(TEN, 100, part -> true)).hasSize(1);
  }
}
