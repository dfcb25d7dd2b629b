package dev.understudy.monitor;

import static dev.understudy.monitor.Bench.ALICE;
import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.failover.SwitchReason;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.TestPools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hooks when the role moves without a plan, at a replica that decides alone, with its file. */
class MonitorHooksTest {

  @TempDir Path directory;

  private void run(Consumer<Bench> scenario) {
    Bench.withFile(directory, scenario);
  }

  private static Hook hook(boolean required) {
    return new Hook("http://hooks.example/", List.of(), Map.of(), Duration.ofSeconds(5), required);
  }

  private static Pool with(@Nullable Hook demote, @Nullable Hook promote) {
    return SensePool.with(
        SensePool.with(sense(), Policy.MANUAL), new HookSettings(demote, promote));
  }

  private static Pool both() {
    return with(hook(false), hook(false));
  }

  private static Pool required() {
    return with(hook(false), hook(true));
  }

  /** The calls so far: the hook, its server and its epoch. */
  private static List<String> calls(Bench bench) {
    return bench.hookCalls.stream()
        .map(call -> call.hook() + " " + call.server().id() + " " + call.epoch())
        .toList();
  }

  private static void failOver(Bench bench, Pool pool) {
    bench.begin(pool);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
  }

  @Test
  void the_first_choice_of_a_new_pool_calls_no_hook() {
    run(
        bench -> {
          bench.begin(both());
          bench.advance(60_000);
          assertThat(bench.serving()).isEqualTo(MASTER);
          assertThat(bench.hookCalls).isEmpty();
        });
  }

  @Test
  void a_failover_does_not_wait_for_its_hooks() {
    run(
        bench -> {
          failOver(bench, both());
          assertThat(calls(bench)).containsExactly("promote sen1 2", "demote sen2 2");
          assertThat(bench.hookCalls.getFirst())
              .returns(MASTER, HookCall::from)
              .returns(BACKUP, HookCall::to)
              .returns(SwitchReason.CONNECTION_FAILED, HookCall::reason)
              .returns(false, HookCall::planned);
          assertThat(bench.pool().owed().demote()).containsOnlyKeys(MASTER);
          bench.hookEnds(0, Call.DONE);
          bench.hookEnds(1, Call.DONE);
          assertThat(bench.pool().owed()).isEqualTo(OwedHooks.NONE);
          bench.advance(120_000);
          assertThat(bench.hookCalls).hasSize(2);
          assertThat(bench.events(Event.HookCalled.class)).hasSize(2);
        });
  }

  @Test
  void a_process_that_follows_another_calls_no_hook_and_one_that_leads_calls_what_is_owed() {
    StandaloneAgreement agreement = StandaloneAgreement.inMemory();
    try (Bench bench = new Bench(agreement, Bench.NO_JITTER)) {
      failOver(bench, with(hook(false), null));
      bench.hookEnds(0, Call.REFUSED);
      agreement.follow();
      bench.advance(600_000);
      assertThat(bench.hookCalls).hasSize(1);
      agreement.lead();
      bench.advance(1_000);
      assertThat(calls(bench)).containsExactly("demote sen2 2", "demote sen2 2");
    }
  }

  @Test
  void demote_is_tried_until_it_succeeds_in_longer_and_longer_intervals() {
    run(
        bench -> {
          failOver(bench, with(hook(false), null));
          for (int wait : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            int before = bench.hookCalls.size();
            bench.hookEnds(before - 1, Call.REFUSED);
            bench.advance(wait * 1_000L - 1);
            assertThat(bench.hookCalls).as("before %s s", wait).hasSize(before);
            bench.advance(1);
            assertThat(bench.hookCalls).as("after %s s", wait).hasSize(before + 1);
          }
          assertThat(bench.events(Event.HookCalled.class)).as("only the first").hasSize(1);
          bench.hookEnds(Call.UNCERTAIN);
          assertThat(bench.events(Event.HookCalled.class)).as("another outcome").hasSize(2);
          bench.advance(30_000);
          bench.hookEnds(Call.DONE);
          assertThat(bench.events(Event.HookCalled.class).getLast().outcome()).isEqualTo(Call.DONE);
          int calls = bench.hookCalls.size();
          bench.advance(600_000);
          assertThat(bench.hookCalls).hasSize(calls);
        });
  }

  @Test
  void every_attempt_is_measured() {
    run(
        bench -> {
          failOver(bench, with(hook(false), null));
          bench.hookEnds(Call.REFUSED);
          bench.advance(1_000);
          bench.hookEnds(Call.REFUSED);
          assertThat(bench.hookCalls).hasSize(2);
          assertThat(calls(bench)).containsExactly("demote sen2 2", "demote sen2 2");
          assertThat(bench.hookCalls.get(0).key()).isEqualTo(bench.hookCalls.get(1).key());
        });
  }

  @Test
  void what_is_owed_survives_a_restart() {
    run(bench -> failOver(bench, both()));
    run(
        bench -> {
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.begin(both());
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(calls(bench)).containsExactly("promote sen1 2", "demote sen2 2");
          bench.hookEnds(0, Call.DONE);
          bench.hookEnds(1, Call.DONE);
        });
    run(
        bench -> {
          bench.begin(both());
          bench.advance(60_000);
          assertThat(bench.hookCalls).isEmpty();
        });
  }

  @Test
  void a_server_that_is_removed_is_not_demoted_any_more() {
    run(
        bench -> {
          failOver(bench, with(hook(false), null));
          bench.hookEnds(Call.REFUSED);
          bench.apply(SensePool.with(with(hook(false), null), SensePool.backup("192.0.2.1")));
          bench.advance(120_000);
          assertThat(bench.hookCalls).hasSize(1);
          assertThat(bench.pool().owed()).isEqualTo(OwedHooks.NONE);
        });
  }

  @Test
  void a_later_epoch_ends_the_calls_of_the_one_before_and_waits_for_one_that_is_running() {
    run(
        bench -> {
          failOver(bench, both());
          bench.prober.set(MASTER, Behaviour.HEALTHY);
          bench.advance(10_000);
          bench.result(bench.monitor.switchTo(SENSE, MASTER, ALICE));
          assertThat(calls(bench)).containsExactly("promote sen1 2", "demote sen2 2");
          bench.hookEnds(1, Call.REFUSED);
          assertThat(calls(bench)).hasSize(3).endsWith("promote sen2 3");
          bench.hookEnds(0, Call.REFUSED);
          assertThat(calls(bench)).hasSize(4).endsWith("demote sen1 3");
          bench.advance(120_000);
          assertThat(bench.hookCalls).as("the late results change nothing").hasSize(4);
          assertThat(bench.hookCalls.get(2).operator()).isEqualTo(ALICE);
          bench.hookEnds(2, Call.DONE);
          bench.hookEnds(3, Call.DONE);
          assertThat(bench.pool().owed()).isEqualTo(OwedHooks.NONE);
        });
  }

  @Test
  void nobody_is_fenced_before_another_takes_over() {
    run(
        bench -> {
          bench.begin(both());
          bench.prober.set(BACKUP, Behaviour.KILLED);
          bench.advance(10_000);
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(null);
          bench.advance(60_000);
          assertThat(bench.hookCalls).isEmpty();
          bench.prober.set(BACKUP, Behaviour.HEALTHY);
          bench.advanceUntilServing(BACKUP);
          assertThat(calls(bench)).containsExactly("promote sen1 3", "demote sen2 3");
        });
  }

  @Test
  void a_required_promotion_is_awaited_while_nobody_serves() {
    run(
        bench -> {
          bench.begin(required());
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(null);
          assertThat(calls(bench)).containsExactly("promote sen1 3", "demote sen2 3");
          bench.advance(3_000);
          assertThat(bench.serving()).isNull();
          assertThat(bench.pool().owed().promote()).isEqualTo(BACKUP);
          assertThat(bench.switches().getLast().message())
              .contains("nobody serves instead of sen2 until sen1 is promoted: ");
          bench.hookEnds(0, Call.DONE);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().epoch()).isEqualTo(3);
          assertThat(bench.switches().getLast().reason()).isEqualTo(SwitchReason.CONNECTION_FAILED);
          bench.hookEnds(1, Call.DONE);
          bench.advance(60_000);
          assertThat(bench.hookCalls).hasSize(2);
          assertThat(bench.pool().owed()).isEqualTo(OwedHooks.NONE);
        });
  }

  @Test
  void a_required_promotion_that_fails_is_tried_again() {
    run(
        bench -> {
          bench.begin(required());
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(null);
          bench.hookEnds(0, Call.REFUSED);
          bench.advance(999);
          assertThat(calls(bench)).hasSize(2);
          bench.advance(1);
          assertThat(calls(bench).getLast()).isEqualTo("promote sen1 3");
          bench.hookEnds(Call.DONE);
          assertThat(bench.serving()).isEqualTo(BACKUP);
        });
  }

  @Test
  void the_next_server_is_promoted_if_the_first_fails_and_the_waits_grow() {
    run(
        bench -> {
          bench.begin(with(null, hook(true)));
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(null);
          bench.hookEnds(Call.REFUSED);
          bench.prober.set(MASTER, Behaviour.HEALTHY);
          bench.advance(10_000);
          assertThat(calls(bench)).contains("promote sen1 3");
          bench.hookEnds(Call.UNCERTAIN);
          for (int i = 0; i < 6; i++) {
            bench.advance(31_000);
            bench.hookEnds(Call.UNCERTAIN);
          }
          assertThat(calls(bench)).contains("promote sen2 4", "promote sen1 5", "promote sen2 6");
          assertThat(bench.hookCalls).hasSizeLessThanOrEqualTo(9);
          bench.advance(31_000);
          bench.hookEnds(Call.DONE);
          assertThat(bench.serving()).isNotNull();
        });
  }

  @Test
  void a_server_that_may_have_been_promoted_in_vain_is_fenced() {
    run(
        bench -> {
          bench.begin(required());
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(null);
          bench.hookEnds(1, Call.DONE);
          bench.prober.set(MASTER, Behaviour.HEALTHY);
          bench.advance(10_000);
          bench.hookEnds(0, Call.UNCERTAIN);
          bench.advance(1_000);
          assertThat(calls(bench)).contains("promote sen2 4", "demote sen1 4");
        });
  }

  @Test
  void an_operators_switch_is_promoted_first_and_pinned() {
    run(
        bench -> {
          bench.begin(required());
          assertThat(bench.result(bench.monitor.switchTo(SENSE, BACKUP, ALICE)))
              .isEqualTo(new Result.Done(true));
          assertThat(bench.serving()).isNull();
          bench.hookEnds(0, Call.DONE);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().pinned()).isEqualTo(BACKUP);
          assertThat(bench.switches().getLast().operator()).isEqualTo(ALICE);
        });
  }

  @Test
  void a_required_promotion_goes_on_after_a_restart() {
    run(
        bench -> {
          bench.begin(required());
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(null);
        });
    run(
        bench -> {
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.begin(required());
          assertThat(calls(bench)).contains("promote sen1 3");
          bench.hookEnds(0, Call.DONE);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().epoch()).isEqualTo(3);
        });
  }

  private static Pool failingBack() {
    return SensePool.with(both(), Policy.IMMEDIATE);
  }

  /** The backup serves, all hooks are called, and the master is back. */
  private static void masterReturns(Bench bench) {
    failOver(bench, failingBack());
    bench.hookEnds(0, Call.DONE);
    bench.hookEnds(1, Call.DONE);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    while (bench.pool().planned() == null) {
      bench.advance(1);
    }
  }

  private static SwitchPhase phase(Bench bench) {
    return bench.planned().phase();
  }

  @Test
  void a_failback_fences_before_it_promotes() {
    run(
        bench -> {
          masterReturns(bench);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PAUSING);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          bench.paused();
          assertThat(calls(bench).getLast()).isEqualTo("demote sen1 3");
          assertThat(bench.hookCalls.getLast().reason()).isEqualTo(SwitchReason.FAILBACK);
          bench.hookEnds(Call.DONE);
          assertThat(calls(bench).getLast()).isEqualTo("promote sen2 3");
          bench.hookEnds(Call.DONE);
          assertThat(bench.serving()).isEqualTo(MASTER);
          assertThat(bench.pool().pinned()).isNull();
          assertThat(bench.switches().getLast().reason()).isEqualTo(SwitchReason.FAILBACK);
          assertThat(bench.pool().owed()).isEqualTo(OwedHooks.NONE);
          bench.advance(60_000);
          assertThat(bench.hookCalls).hasSize(4);
        });
  }

  @Test
  void a_failback_that_cannot_fence_is_tried_again_later_and_later() {
    run(
        bench -> {
          masterReturns(bench);
          long[] begun = new long[4];
          for (int i = 0; i < begun.length; i++) {
            while (phase(bench) != SwitchPhase.PAUSING) {
              bench.advance(100);
            }
            begun[i] = bench.time();
            bench.paused();
            bench.hookEnds(Call.REFUSED);
            assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
            assertThat(bench.serving()).isEqualTo(BACKUP);
          }
          assertThat(begun[1] - begun[0]).isBetween(20_000L, 20_200L);
          assertThat(begun[2] - begun[1]).isBetween(40_000L, 40_200L);
          assertThat(begun[3] - begun[2]).isBetween(80_000L, 80_200L);
        });
  }

  @Test
  void a_failback_that_an_operator_gives_up_waits_likewise() {
    run(
        bench -> {
          masterReturns(bench);
          bench.result(bench.monitor.giveUpSwitch(SENSE, ALICE));
          bench.advance(19_000);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
          bench.advance(2_000);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PAUSING);
        });
  }

  @Test
  void a_failback_waits_for_an_operator_where_no_client_may_wait() {
    run(
        bench -> {
          Pool pool = TestPools.like(failingBack()).hold(Duration.ZERO, 1024, 64 * 1024).build();
          failOver(bench, pool);
          bench.prober.set(MASTER, Behaviour.HEALTHY);
          bench.advance(600_000);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().planned()).isNull();
        });
  }

  @Test
  void a_second_primary_is_demoted_until_its_claim_ends() {
    run(
        bench -> {
          Pool database =
              SensePool.with(
                  MonitorTwoPrimariesTest.database(), new HookSettings(hook(false), null));
          bench.prober.set(BACKUP, Behaviour.STANDBY);
          bench.begin(database);
          bench.prober.set(BACKUP, Behaviour.HEALTHY);
          while (bench.hookCalls.isEmpty()) {
            bench.advance(10);
          }
          assertThat(calls(bench)).containsExactly("demote sen1 1");
          assertThat(bench.hookCalls.getFirst().evidence()).contains("claims to be primary");
          bench.hookEnds(Call.DONE);
          bench.advance(1_000);
          assertThat(bench.hookCalls).as("it claims the role still").hasSize(2);
          bench.hookEnds(Call.DONE);
          bench.prober.set(BACKUP, Behaviour.STANDBY);
          bench.advance(120_000);
          assertThat(bench.hookCalls).hasSizeLessThanOrEqualTo(4);
          int calls = bench.hookCalls.size();
          bench.advance(120_000);
          assertThat(bench.hookCalls).hasSize(calls);
        });
  }

  @Test
  void an_operator_acknowledges_a_second_primary_by_maintenance() {
    run(
        bench -> {
          Pool database =
              SensePool.with(
                  MonitorTwoPrimariesTest.database(), new HookSettings(hook(false), null));
          bench.prober.set(BACKUP, Behaviour.STANDBY);
          bench.begin(database);
          bench.result(
              bench.monitor.setState(SENSE, BACKUP, OperatorState.MAINTENANCE, true, null));
          bench.prober.set(BACKUP, Behaviour.HEALTHY);
          bench.advance(120_000);
          assertThat(bench.hookCalls).isEmpty();
        });
  }

  @Test
  void a_standby_is_promoted_if_the_primary_is_gone() {
    run(
        bench -> {
          Pool database =
              SensePool.with(
                  MonitorTwoPrimariesTest.database(), new HookSettings(hook(false), hook(true)));
          bench.prober.set(BACKUP, Behaviour.STANDBY);
          bench.begin(database);
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(null);
          assertThat(calls(bench)).containsExactly("promote sen1 3", "demote sen2 3");
          bench.prober.set(BACKUP, Behaviour.HEALTHY);
          bench.hookEnds(0, Call.DONE);
          bench.advanceUntilServing(BACKUP);
          bench.prober.set(MASTER, Behaviour.HEALTHY);
          bench.hookEnds(1, Call.REFUSED);
          bench.advance(60_000);
          assertThat(bench.serving()).as("a thawed primary").isEqualTo(BACKUP);
          assertThat(calls(bench).getLast()).isEqualTo("demote sen2 3");
        });
  }

  @Test
  void a_rolled_back_switch_fences_the_server_that_may_have_been_promoted() {
    run(
        bench -> {
          bench.begin(both());
          bench.result(
              bench.monitor.planSwitch(
                  SENSE,
                  new dev.understudy.switchover.SwitchRequest(
                      BACKUP, Duration.ofSeconds(10), false, null, ALICE)));
          bench.paused();
          bench.hookEnds(Call.DONE);
          bench.hookEnds(Call.UNCERTAIN);
          bench.hookEnds(Call.DONE);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.ROLLED_BACK);
          assertThat(calls(bench).getLast()).isEqualTo("demote sen1 3");
        });
  }
}
