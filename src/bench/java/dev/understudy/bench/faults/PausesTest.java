package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Call.End;
import dev.understudy.bench.faults.Stalls.Stall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PausesTest {
  private static final Duration LENGTH = Duration.ofMinutes(5);
  private static final int SEEDS = 200;

  private final List<Call> calls = new ArrayList<>();
  private final List<Window> windows = new ArrayList<>();
  private final List<Stall> stalls = new ArrayList<>();
  private boolean holds;

  /** Each tenth of a second through that replica, in a run of 60 s. */
  private void good(String replica, int fromSeconds, int toSeconds) {
    for (int i = fromSeconds * 10; i <= toSeconds * 10; i++) {
      long at = TimeUnit.MILLISECONDS.toNanos(i * 100L);
      calls.add(new Call(replica, "r" + i, false, at, at, End.OK, ""));
    }
  }

  private void fault(Kind kind, String target, int fromSeconds, int toSeconds) {
    windows.add(
        new Window(
            kind,
            target,
            TimeUnit.SECONDS.toNanos(fromSeconds),
            TimeUnit.SECONDS.toNanos(toSeconds),
            ""));
  }

  private History history() {
    long end = TimeUnit.SECONDS.toNanos(60);
    return new History(0, end, calls, List.of(), List.of(), windows, stalls, holds);
  }

  private List<String> violations() {
    return Pauses.violations(history());
  }

  @Test
  void replica_that_always_serves_has_none() {
    good("r1", 0, 60);
    assertThat(violations()).isEmpty();
  }

  @Test
  void pause_without_a_fault_is_found() {
    good("r1", 0, 10);
    good("r1", 13, 60);
    assertThat(violations())
        .singleElement()
        .asString()
        .startsWith("no good response through r1 for 3.0 s from 10.000 s on, bound 2.0 s");
  }

  @Test
  void time_in_which_the_test_itself_did_not_run_is_left_out() {
    stalls.add(new Stall(TimeUnit.SECONDS.toNanos(9), TimeUnit.SECONDS.toNanos(12)));
    good("r1", 0, 10);
    good("r1", 13, 60);
    assertThat(violations()).isEmpty();
  }

  @Test
  void pause_of_a_fault_is_bounded_by_its_kind() {
    fault(Kind.KILL_SERVER, "sen2", 10, 20);
    good("r1", 0, 10);
    good("r1", 14, 60);
    assertThat(violations()).isEmpty();
    calls.clear();
    good("r1", 0, 10);
    good("r1", 16, 60);
    assertThat(violations()).singleElement().asString().contains("bound 5.0 s");
  }

  @Test
  void replica_that_is_taken_away_may_pause_for_as_long_as_the_fault_lasts() {
    fault(Kind.FREEZE_REPLICA, "r1", 10, 20);
    good("r1", 0, 10);
    good("r1", 21, 60);
    good("r2", 0, 60);
    assertThat(violations()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"CUT_STORE", "FREEZE_STORE"})
  void so_may_one_that_holds_its_clients_while_it_is_out_of_touch(Kind kind) {
    fault(kind, kind == Kind.CUT_STORE ? "r1" : "store", 10, 20);
    good("r1", 0, 12);
    good("r1", 22, 60);
    assertThat(violations()).singleElement().asString().contains("bound 4.0 s");
    holds = true;
    assertThat(violations()).isEmpty();
  }

  @Test
  void other_replicas_may_not() {
    fault(Kind.FREEZE_REPLICA, "r1", 10, 20);
    good("r1", 0, 60);
    good("r2", 0, 10);
    good("r2", 21, 60);
    assertThat(violations()).singleElement().asString().contains("through r2 for 11.0 s");
  }

  /** Of r1, from 10 s on; each has 2 s, and 7 s for a decision under several faults. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Two faults of others at once: a decision is enough.
        "kill-server sen2 10 30, freeze-replica r2 10 30         | local | 9",
        "cut-store r2 10 30, cut-store r3 10 30                  | hold  | 9",
        "kill-server sen2 10 30, cut-store r2 10 30              | hold  | 9",
        "kill-server sen2 10 30, fill-disk r1 10 30              | local | 9",
        // No server is left, or nobody who may choose one: while both last.
        "kill-server sen2 10 14, kill-server sen1 10 14          | local | 13",
        "kill-server sen2 10 20, freeze-server sen1 15 30        | local | 14",
        "kill-server sen2 10 20, drain r2-sen1 10 20             | local | 19",
        "kill-server sen2 10 20, leave-agent sen1 10 20          | local | 19",
        "kill-server sen2 10 20, freeze-store store 10 20        | local | 19",
        "cut r2-sen2 10 20, cut r3-sen2 10 20                    | local | 19",
        // The replica itself is taken away: their union, gaps that are too short included.
        "freeze-replica r1 10 20, cut-store r1 12 22             | local | 19",
        "freeze-replica r1 10 20, cut-store r1 12 22             | hold  | 21",
        "freeze-replica r1 10 20, cut r1-sen2 22 32              | local | 31",
        "freeze-replica r1 10 20, cut r1-sen2 23 33              | local | 29",
        "freeze-replica r1 5 12, freeze-store store 8 11         | hold  | 11",
        // Not for ever.
        "freeze-store store 10 40, freeze-replica r1 38 58       | hold  | 57",
        "freeze-store store 10 55, kill-server sen2 10 20        | hold  | 54",
        "cut r1-sen1 10 22, cut r1-sen2 22 34, cut r1-sen1 34 46, cut r1-sen2 46 58 | local | 51"
      })
  void pause_of_several_faults_is_bounded(String faults, String onLoss, long bound) {
    for (String fault : faults.split(", ", -1)) {
      String[] words = fault.split(" ", -1);
      fault(Kind.of(words[0]), words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
    }
    holds = onLoss.equals("hold");
    good("r1", 0, 10);
    assertThat(Pauses.of(history()).getLast().bound()).isEqualTo(TimeUnit.SECONDS.toNanos(bound));
  }

  private static List<Window> drawn(long seed) {
    return Schedule.random(seed, LENGTH, EnumSet.allOf(Kind.class)).faults().stream()
        .map(
            fault ->
                new Window(
                    fault.kind(),
                    fault.target(),
                    TimeUnit.MILLISECONDS.toNanos(fault.atMillis()),
                    TimeUnit.MILLISECONDS.toNanos(fault.endMillis()),
                    ""))
        .toList();
  }

  /** Good responses through r1 each tenth of a second, but for those times. */
  private History servedExcept(List<Window> drawn, LongPredicate away) {
    calls.clear();
    for (long millis = 0; millis <= LENGTH.toMillis(); millis += 100) {
      long at = TimeUnit.MILLISECONDS.toNanos(millis);
      if (!away.test(at)) {
        calls.add(new Call("r1", "r" + millis, false, at, at, End.OK, ""));
      }
    }
    return new History(0, LENGTH.toNanos(), calls, List.of(), List.of(), drawn, List.of(), holds);
  }

  @ParameterizedTest
  @CsvSource({"local, 40", "local, 60", "hold, 40", "hold, 60", "hold, 240"})
  void replica_that_does_not_serve_is_found_under_most_random_faults(String onLoss, int seconds) {
    holds = onLoss.equals("hold");
    long from = TimeUnit.SECONDS.toNanos(30);
    long to = from + TimeUnit.SECONDS.toNanos(seconds);
    long found =
        LongStream.range(0, SEEDS)
            .mapToObj(PausesTest::drawn)
            .map(drawn -> servedExcept(drawn, at -> at > from && at < to))
            .filter(history -> !Pauses.violations(history).isEmpty())
            .count();
    assertThat(found).isGreaterThan(SEEDS * 9 / 10);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void replica_that_serves_but_for_what_takes_it_away_passes_under_random_faults(boolean holding) {
    holds = holding;
    long recovery = TimeUnit.MILLISECONDS.toNanos(1900);
    for (long seed = 0; seed < SEEDS; seed++) {
      List<Window> drawn = drawn(seed);
      List<Window> away =
          drawn.stream().filter(window -> Away.takesAway(window, "r1", holding)).toList();
      History history =
          servedExcept(
              drawn, at -> away.stream().anyMatch(window -> window.overlaps(at, at, recovery)));
      assertThat(Pauses.violations(history)).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void end_without_a_response_is_a_pause() {
    good("r1", 0, 50);
    assertThat(violations()).singleElement().asString().contains("for 10.0 s");
  }

  @Test
  void availability_counts_what_began_while_a_fault_was_in_force() {
    fault(Kind.UPGRADE, "r1", 10, 20);
    fault(Kind.KILL_SERVER, "sen2", 15, 20);
    good("r1", 0, 60);
    assertThat(Pauses.rows(history()).get(Kind.UPGRADE))
        .isEqualTo(new Pauses.Row(1, 101, 101, 50, 50, 0));
  }
}
