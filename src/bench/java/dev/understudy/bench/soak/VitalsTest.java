package dev.understudy.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.soak.Vitals.Level;
import org.junit.jupiter.api.Test;

class VitalsTest {
  private static final long MB = 1024 * 1024;
  private static final Vitals WARM = new Vitals(100 * MB, 20 * MB, 10, 50, 30);

  @Test
  void same_or_less_is_level() {
    assertThat(WARM.against(WARM)).allMatch(Level::isLevel);
    assertThat(new Vitals(MB, MB, 0, 1, 1).against(WARM)).allMatch(Level::isLevel);
  }

  @Test
  void heap_may_grow_by_a_tenth() {
    assertThat(new Vitals(110 * MB, 20 * MB, 10, 50, 30).against(WARM)).allMatch(Level::isLevel);
    assertThat(new Vitals(111 * MB, 20 * MB, 10, 50, 30).against(WARM))
        .filteredOn(level -> !level.isLevel())
        .extracting(Level::what)
        .containsExactly("heap after GC");
  }

  @Test
  void each_figure_is_judged_by_itself() {
    assertThat(new Vitals(100 * MB, 90 * MB, 100, 500, 300).against(WARM))
        .filteredOn(level -> !level.isLevel())
        .extracting(Level::what)
        .containsExactly("direct memory", "connections", "file descriptors", "threads");
  }
}
