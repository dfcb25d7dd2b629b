package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Schedule.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReductionTest {
  /** Told apart by how long they last. */
  private static final Schedule TEN =
      new Schedule(
          LongStream.range(0, 10)
              .mapToObj(i -> new Fault(10_000 * i, Kind.KILL_SERVER, "sen2", i))
              .toList());

  private static Set<Long> left(Schedule schedule) {
    return schedule.faults().stream().map(Fault::millis).collect(Collectors.toSet());
  }

  @Test
  void what_fails_together_is_left() throws Exception {
    Schedule reduced =
        Reduction.reduce(TEN, 100, schedule -> left(schedule).containsAll(Set.of(2L, 7L)));
    assertThat(left(reduced)).containsExactlyInAnyOrder(2L, 7L);
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
