package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Schedule.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReductionTest {
  private static Schedule faults(Integer... seconds) {
    return new Schedule(
        List.of(seconds).stream()
            .map(second -> new Fault(second * 1000L, Kind.KILL_SERVER, "sen2", 0))
            .toList());
  }

  private static Set<Long> seconds(Schedule schedule) {
    return schedule.faults().stream()
        .map(fault -> fault.atMillis() / 1000)
        .collect(Collectors.toSet());
  }

  private static final Schedule TEN =
      faults(IntStream.range(0, 10).boxed().toArray(Integer[]::new));

  @Test
  void what_fails_together_is_left() throws Exception {
    Schedule reduced =
        Reduction.reduce(TEN, 100, schedule -> seconds(schedule).containsAll(Set.of(2L, 7L)));
    assertThat(reduced).isEqualTo(faults(2, 7));
  }

  @Test
  void nothing_is_left_out_if_no_part_fails() throws Exception {
    assertThat(Reduction.reduce(TEN, 100, schedule -> false)).isEqualTo(TEN);
  }

  @Test
  void trials_are_bounded() throws Exception {
    List<Schedule> tried = new ArrayList<>();
    Reduction.reduce(
        TEN,
        3,
        schedule -> {
          tried.add(schedule);
          return false;
        });
    assertThat(tried).hasSize(3);
  }

  @Test
  void single_fault_is_left() throws Exception {
    assertThat(Reduction.reduce(TEN, 100, schedule -> true).faults()).hasSize(1);
  }
}
