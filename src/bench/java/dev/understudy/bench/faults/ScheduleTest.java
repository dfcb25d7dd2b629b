package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.bench.faults.Schedule.Fault;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);
  private static final Duration LENGTH = Duration.ofMinutes(5);

  private static List<Fault> drawn(long seed) {
    return Schedule.random(seed, LENGTH, ALL).faults();
  }

  @Test
  void seed_has_one_schedule() {
    assertThat(drawn(7)).isEqualTo(drawn(7)).isNotEqualTo(drawn(8));
  }

  @Test
  void printed_schedule_is_read_as_it_was() {
    Schedule schedule = Schedule.random(7, LENGTH, ALL);
    assertThat(Schedule.of(schedule.text().lines().toList())).isEqualTo(schedule);
  }

  @Test
  void comments_and_blank_lines_are_no_faults() {
    assertThat(Schedule.of(List.of("# seed 7", "", "3.5 kill-server sen2 4.0")).faults())
        .containsExactly(new Fault(3500, Kind.KILL_SERVER, "sen2", 4000));
  }

  @Test
  void unknown_target_is_refused() {
    assertThatThrownBy(() -> Schedule.of(List.of("3.5 kill-server r1 4.0")))
        .hasMessageContaining("kill-server is done to one of [sen2, sen1], not to r1");
  }

  @Test
  void each_kind_and_several_at_once_are_drawn() {
    List<Fault> all =
        IntStream.range(0, 50).mapToObj(ScheduleTest::drawn).flatMap(List::stream).toList();
    assertThat(all.stream().map(Fault::kind).collect(Collectors.toSet())).isEqualTo(ALL);
    assertThat(IntStream.range(0, 50).mapToObj(ScheduleTest::drawn))
        .allMatch(faults -> together(faults) >= 2);
  }

  @Test
  void nothing_is_struck_twice_at_once() {
    for (int seed = 0; seed < 50; seed++) {
      List<Fault> faults = drawn(seed);
      for (Fault fault : faults) {
        assertThat(faults)
            .filteredOn(other -> other != fault)
            .filteredOn(other -> other.kind().on() == fault.kind().on())
            .filteredOn(other -> other.target().equals(fault.target()))
            .allMatch(
                other ->
                    other.endMillis() < fault.atMillis() || other.atMillis() > fault.endMillis());
      }
    }
  }

  @Test
  void all_is_over_before_the_end() {
    assertThat(drawn(7)).allMatch(fault -> fault.endMillis() < LENGTH.toMillis());
  }

  @Test
  void time_in_which_nothing_is_done_is_shortened() {
    Schedule schedule =
        Schedule.of(
            List.of(
                "60.0 cut r1-sen2 8.0",
                "62.0 kill-server sen1 2.0",
                "71.0 switch r1-sen1 2.0",
                "90.0 edit-record record 0.0"));
    assertThat(schedule.closer().text())
        .isEqualTo(
            """
            3.0 cut r1-sen2 8.0
            5.0 kill-server sen1 2.0
            14.0 switch r1-sen1 2.0
            19.0 edit-record record 0.0
            """);
  }

  private static long together(List<Fault> faults) {
    return faults.stream()
        .mapToLong(
            one ->
                faults.stream()
                    .filter(
                        other ->
                            other.atMillis() <= one.atMillis()
                                && other.endMillis() >= one.atMillis())
                    .count())
        .max()
        .orElse(0);
  }
}
