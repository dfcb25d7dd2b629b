package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Call.End;
import dev.understudy.bench.faults.Stalls.Stall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PausesTest {
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

  @Test
  void several_faults_at_once_add_up() {
    fault(Kind.KILL_SERVER, "sen2", 10, 14);
    fault(Kind.KILL_SERVER, "sen1", 10, 14);
    good("r1", 0, 10);
    good("r1", 24, 60);
    assertThat(violations()).isEmpty();
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
