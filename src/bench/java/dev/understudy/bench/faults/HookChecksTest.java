package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.HookEntry.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HookChecksTest {
  private final List<Hit> hits = new ArrayList<>();
  private final List<HookEntry> hooks = new ArrayList<>();
  private final List<Window> windows = new ArrayList<>();

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void served(String server, long epoch) {
    hits.add(new Hit(millis(1000 * epoch), server, "r2", epoch, false, "r" + epoch));
  }

  private void hook(long millis, String server, boolean promote, long epoch, Stage... stages) {
    for (Stage stage : stages) {
      hooks.add(new HookEntry(millis(millis), server, "r1", promote, epoch, stage));
    }
  }

  private ListAssert<String> violations() {
    return assertThat(
        HookChecks.violations(
            new History(0, millis(60_000), List.of(), hits, hooks, windows, List.of(), false)));
  }

  @Test
  void nothing_is_owed_while_the_role_has_not_moved() {
    served("sen2", 1);
    violations().isEmpty();
  }

  @Test
  void hooks_that_were_called_are_good() {
    served("sen2", 1);
    served("sen1", 2);
    hook(2000, "sen2", false, 2, Stage.BEGUN, Stage.REFUSED);
    hook(3000, "sen2", false, 2, Stage.BEGUN, Stage.DONE);
    hook(2000, "sen1", true, 2, Stage.BEGUN, Stage.DONE);
    violations().isEmpty();
  }

  @Test
  void epoch_that_begins_at_the_same_server_is_no_change() {
    served("sen2", 1);
    served("sen1", 2);
    served("sen1", 3);
    hook(2000, "sen2", false, 2, Stage.BEGUN, Stage.DONE);
    hook(2000, "sen1", true, 2, Stage.BEGUN, Stage.DONE);
    violations().isEmpty();
  }

  @Test
  void owed_hooks_that_were_not_carried_out_are_found() {
    served("sen2", 1);
    served("sen1", 2);
    hook(2000, "sen2", false, 2, Stage.BEGUN, Stage.REFUSED);
    violations()
        .containsExactly(
            "promote was not carried out at sen1 in the end; last was none",
            "demote was not carried out at sen2 in the end; last was none");
  }

  @Test
  void demotion_of_a_server_that_served_again_is_owed_again() {
    served("sen2", 1);
    served("sen1", 2);
    served("sen2", 3);
    served("sen1", 4);
    hook(2000, "sen2", false, 2, Stage.BEGUN, Stage.DONE);
    hook(4000, "sen1", true, 4, Stage.BEGUN, Stage.DONE);
    violations()
        .containsExactly(
            "demote was not carried out at sen2 in the end;"
                + " last was demote from r1 in epoch 2, 2.000 s");
  }

  @Test
  void hook_of_an_older_epoch_is_found() {
    hook(1000, "sen2", true, 3, Stage.BEGUN);
    hook(1010, "sen2", false, 2, Stage.BEGUN);
    violations()
        .containsExactly(
            "a hook of an older epoch at sen2: demote from r1 in epoch 2, 1.010 s"
                + " after promote from r1 in epoch 3, 1.000 s");
  }

  @Test
  void hook_of_an_older_epoch_at_another_server_is_none() {
    hook(1000, "sen2", true, 3, Stage.BEGUN);
    hook(1010, "sen1", false, 2, Stage.BEGUN);
    violations().isEmpty();
  }

  @Test
  void hook_of_an_older_epoch_may_come_late_from_a_replica_that_was_stopped() {
    hook(1000, "sen2", true, 3, Stage.BEGUN);
    hook(1010, "sen2", false, 2, Stage.BEGUN);
    windows.add(new Window(Kind.SUSPEND_REPLICA, "r1", millis(500), millis(1005), ""));
    violations().isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"r1-sen2, 0", "r1-sen1, 1", "r2-sen2, 1"})
  void so_may_one_on_a_way_that_was_cut(String target, int found) {
    hook(1000, "sen2", true, 3, Stage.BEGUN);
    hook(1010, "sen2", false, 2, Stage.BEGUN);
    windows.add(new Window(Kind.CUT, target, millis(500), millis(1005), ""));
    violations().hasSize(found);
  }

  @Test
  void loss_of_the_store_is_no_excuse_for_a_hook_of_an_older_epoch() {
    hook(1000, "sen2", true, 3, Stage.BEGUN);
    hook(1010, "sen2", false, 2, Stage.BEGUN);
    windows.add(new Window(Kind.CUT_STORE, "r1", millis(500), millis(1005), ""));
    violations().isNotEmpty();
  }
}
