package dev.understudy.proxy.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {

  @ParameterizedTest
  @CsvSource({
    "0 1, 2",
    "2 5, 2",
    "1 64 1000 8191, 4",
    "0 1 2 3 4 5 6 7, 8",
  })
  void as_many_cpus_as_loops_are_given_to_them_in_order(String allowed, int loops) {
    List<Integer> cpus = Arrays.stream(allowed.split(" ")).map(Integer::valueOf).toList();

    assertThat(Placement.of(set(cpus), loops)).isEqualTo(new Placement.Pinned(cpus));
  }

  @ParameterizedTest
  @CsvSource({
    "0 1 2 3, 2, 'their number (2) differs from that of the allowed CPUs (4)'",
    "0 1, 1, 'their number (1) differs from that of the allowed CPUs (2)'",
    "0, 2, 'their number (2) differs from that of the allowed CPUs (1)'",
    "0 1, 4, 'their number (4) differs from that of the allowed CPUs (2)'",
    "3, 1, 'there is only one event loop'",
    "'', 2, 'their number (2) differs from that of the allowed CPUs (0)'",
  })
  void any_other_number_leaves_them_to_the_scheduler(String allowed, int loops, String why) {
    List<Integer> cpus =
        Arrays.stream(allowed.split(" ")).filter(n -> !n.isEmpty()).map(Integer::valueOf).toList();

    assertThat(Placement.of(set(cpus), loops)).isEqualTo(new Placement.Unpinned(why));
  }

  private static BitSet set(List<Integer> cpus) {
    BitSet set = new BitSet();
    cpus.forEach(set::set);
    return set;
  }
}
