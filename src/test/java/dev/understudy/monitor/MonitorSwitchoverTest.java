package dev.understudy.monitor;

import static dev.understudy.monitor.Bench.ALICE;
import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.monitor.Event.PlannedSwitchChanged;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.TestPools;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.Level;

/** A planned switch of a replica that decides alone, with its state file. */
class MonitorSwitchoverTest {

  @TempDir Path directory;

  private void run(Consumer<Bench> scenario) {
    Bench.withFile(directory, scenario);
  }

  private static Result plan(Bench bench, ServerId to, long pauseMillis, @Nullable Instant at) {
    SwitchRequest request = new SwitchRequest(to, Duration.ofMillis(pauseMillis), false, at, ALICE);
    return bench.result(bench.monitor.planSwitch(SENSE, request));
  }

  private static Result plan(Bench bench) {
    return plan(bench, BACKUP, 10_000, null);
  }

  private static SwitchPhase phase(Bench bench) {
    return bench.planned().phase();
  }

  private static List<SwitchPhase> phases(Bench bench) {
    return bench.events(PlannedSwitchChanged.class).stream()
        .map(PlannedSwitchChanged::phase)
        .toList();
  }

  private static String why(Result result) {
    return result instanceof Result.Conflict conflict ? conflict.why() : result.toString();
  }

  @Test
  void the_role_moves_once_nothing_runs_at_the_old_server() {
    run(
        bench -> {
          bench.begin(sense());
          bench.server(MASTER).traffic().requests().set(1);
          assertThat(plan(bench)).isEqualTo(new Result.Done(true));
          assertThat(bench.pool().paused()).isTrue();
          assertThat(bench.pool().receiving()).isEmpty();
          bench.advance(100);
          bench.paused();
          bench.advance(100);
          assertThat(bench.serving()).as("a request runs").isEqualTo(MASTER);
          bench.server(MASTER).traffic().requests().set(0);
          bench.advance(10);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().paused()).isFalse();
          assertThat(bench.pool().epoch()).isEqualTo(2);
          assertThat(bench.pool().pinned()).isEqualTo(BACKUP);
          assertThat(phases(bench)).containsExactly(SwitchPhase.PAUSING, SwitchPhase.MOVED);
          assertThat(bench.switches().getLast().reason()).isEqualTo(SwitchReason.OPERATOR);
          assertThat(bench.switches().getLast().operator()).isEqualTo(ALICE);
        });
  }

  @Test
  void the_role_does_not_move_before_every_event_loop_has_seen_the_pause() {
    run(
        bench -> {
          bench.begin(sense());
          plan(bench);
          bench.advance(1_000);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PAUSING);
          bench.monitor.paused(SENSE, "another");
          bench.advance(100);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PAUSING);
          bench.paused();
          assertThat(phase(bench)).isEqualTo(SwitchPhase.MOVED);
        });
  }

  @Test
  void requests_that_do_not_finish_in_time_give_the_switch_up() {
    run(
        bench -> {
          bench.begin(sense());
          bench.server(MASTER).traffic().tunnels().set(1);
          plan(bench, BACKUP, 4_000, null);
          bench.paused();
          bench.advance(1_990);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PAUSING);
          bench.advance(20);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
          assertThat(bench.serving()).isEqualTo(MASTER);
          assertThat(bench.pool().paused()).isFalse();
          assertThat(bench.pool().epoch()).isEqualTo(1);
          assertThat(plan(bench)).as("another may follow").isEqualTo(new Result.Done(true));
        });
  }

  @Test
  void a_pool_that_is_removed_while_a_hook_runs_stays_away() {
    run(
        bench -> {
          bench.begin(hooked());
          plan(bench);
          bench.paused();
          assertThat(phase(bench)).isEqualTo(SwitchPhase.FENCING);
          bench.apply();
          bench.hookEnds(SwitchFacts.Call.DONE);
          bench.advance(1_000);
          assertThat(bench.monitor.current().pools()).isEmpty();
          assertThat(bench.hookCalls).hasSize(1);
        });
  }

  @Test
  void a_pool_that_is_removed_while_its_hooks_are_looked_up_is_not_switched() {
    run(
        bench -> {
          bench.begin(hooked());
          bench.hookLookup = new CompletableFuture<>();
          SwitchRequest request =
              new SwitchRequest(BACKUP, Duration.ofSeconds(10), false, null, ALICE);
          var switched = bench.monitor.planSwitch(SENSE, request);
          bench.apply();
          bench.hookLookup.complete("");
          assertThat(bench.result(switched)).isInstanceOf(Result.Conflict.class);
          assertThat(bench.agreement.agreed(SENSE).orElseThrow().planned()).isNull();
          assertThat(bench.monitor.current().pools()).isEmpty();
        });
  }

  @Test
  void a_full_hold_gives_the_switch_up() {
    run(
        bench -> {
          bench.begin(sense());
          bench.server(MASTER).traffic().requests().set(1);
          plan(bench);
          bench.paused();
          bench.monitor.holdFull(SENSE);
          bench.scheduler.settle();
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
          assertThat(bench.serving()).isEqualTo(MASTER);
        });
  }

  @Test
  void the_role_does_not_move_before_the_process_before_has_left_the_old_server() {
    run(
        bench -> {
          bench.begin(sense());
          bench.processes.before = Release.NONE;
          plan(bench);
          bench.paused();
          bench.advance(100);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PAUSING);
          assertThat(bench.processes.told).containsEntry(SENSE, null);
          bench.processes.before = Release.RELEASED;
          bench.advance(10);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.MOVED);
        });
  }

  @Test
  void a_full_hold_of_the_process_before_gives_the_switch_up() {
    run(
        bench -> {
          bench.begin(sense());
          bench.processes.before = Release.NONE;
          plan(bench);
          bench.paused();
          bench.processes.before = Release.FULL;
          bench.advance(10);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
        });
  }

  @Test
  void a_process_that_is_replaced_tells_the_next_one_when_it_has_left_the_old_server() {
    run(
        bench -> {
          bench.begin(sense());
          bench.server(MASTER).traffic().requests().set(1);
          plan(bench);
          bench.agreement.follow();
          bench.paused();
          assertThat(bench.processes.told).containsEntry(SENSE, null);
          bench.server(MASTER).traffic().requests().set(0);
          bench.advance(10);
          assertThat(bench.processes.told)
              .containsEntry(SENSE, new Acknowledgement(bench.planned().id(), Release.RELEASED));
          assertThat(phase(bench)).as("it follows").isEqualTo(SwitchPhase.PAUSING);
        });
  }

  @Test
  void a_failover_during_the_pause_gives_the_switch_up() {
    run(
        bench -> {
          bench.begin(sense());
          bench.server(MASTER).traffic().requests().set(1);
          plan(bench);
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(BACKUP);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
          assertThat(bench.pool().pinned()).isNull();
          assertThat(bench.pool().paused()).isFalse();
        });
  }

  @Test
  void a_target_that_fails_during_the_pause_gives_the_switch_up() {
    run(
        bench -> {
          bench.begin(sense());
          bench.server(MASTER).traffic().requests().set(1);
          plan(bench, BACKUP, 60_000, null);
          bench.prober.set(BACKUP, Behaviour.KILLED);
          bench.advance(4_000);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
          assertThat(bench.serving()).isEqualTo(MASTER);
        });
  }

  @Test
  void an_operator_gives_it_up_while_clients_are_held() {
    run(
        bench -> {
          bench.begin(sense());
          plan(bench);
          assertThat(bench.result(bench.monitor.giveUpSwitch(SENSE, ALICE)))
              .isEqualTo(new Result.Done(true));
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
          assertThat(bench.pool().paused()).isFalse();
          assertThat(bench.result(bench.monitor.giveUpSwitch(SENSE, ALICE)))
              .as("it is over")
              .isEqualTo(
                  new Result.Conflict(
                      "no planned switch is under way; the last one ended as GIVEN_UP"));
        });
  }

  @Test
  void a_plain_switch_ends_the_planned_one() {
    run(
        bench -> {
          bench.begin(sense());
          plan(bench);
          bench.result(bench.monitor.switchTo(SENSE, BACKUP, null));
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().paused()).isFalse();
        });
  }

  @Test
  void what_cannot_begin_is_refused_with_its_reason() {
    run(
        bench -> {
          bench.begin(sense());
          assertThat(why(plan(bench, MASTER, 10_000, null))).contains("sen2 serves already");
          assertThat(why(plan(bench, new ServerId("sen9"), 10_000, null))).contains("no server");
          bench.prober.set(BACKUP, Behaviour.KILLED);
          bench.advance(5_000);
          assertThat(why(plan(bench))).contains("sen1 is not usable");
          bench.prober.set(BACKUP, Behaviour.HEALTHY);
          bench.advance(5_000);
          plan(bench);
          assertThat(why(plan(bench))).contains("under way already");
          assertThat(bench.switches()).hasSize(1);
        });
  }

  /** A pool with both hooks, whose planned switch has paused and released the old server. */
  private static void fence(Bench bench) {
    bench.begin(hooked());
    plan(bench);
    bench.paused();
    assertThat(phase(bench)).isEqualTo(SwitchPhase.FENCING);
    assertThat(bench.hookCalls).hasSize(1);
    assertThat(bench.hookCalls.getFirst())
        .returns("demote", HookCall::hook)
        .returns(2L, HookCall::epoch)
        .returns(MASTER, call -> call.server().id());
  }

  static Pool hooked() {
    Hook hook =
        new Hook("http://hooks.example/", List.of(), Map.of(), Duration.ofSeconds(5), false);
    return SensePool.with(sense(), new HookSettings(hook, hook));
  }

  @ParameterizedTest
  @CsvSource({"demote, sen2", "promote, sen1"})
  void a_hook_that_cannot_be_called_refuses_the_switch(String hook, String server) {
    run(
        bench -> {
          bench.begin(hooked());
          bench.hookProblems.put(hook, "no address for hooks.example");
          assertThat(why(plan(bench)))
              .isEqualTo("hook %s of %s: no address for hooks.example".formatted(hook, server));
          assertThat(bench.pool().planned()).isNull();
          assertThat(bench.hookCalls).isEmpty();
        });
  }

  @Test
  void the_old_server_is_fenced_and_the_new_one_promoted_before_clients_are_let_go() {
    run(
        bench -> {
          fence(bench);
          bench.hookEnds(SwitchFacts.Call.DONE);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PROMOTING);
          assertThat(bench.pool().paused()).isTrue();
          assertThat(bench.hookCalls.getLast())
              .returns("promote", HookCall::hook)
              .returns(2L, HookCall::epoch)
              .returns(BACKUP, call -> call.server().id());
          bench.hookEnds(SwitchFacts.Call.DONE);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.MOVED);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().epoch()).isEqualTo(2);
          assertThat(bench.hookCalls).hasSize(2);
          assertThat(bench.events()).hasAtLeastOneElementOfType(Event.HookCalled.class);
        });
  }

  @Test
  void a_server_that_refuses_to_be_fenced_serves_on() {
    run(
        bench -> {
          fence(bench);
          bench.hookEnds(SwitchFacts.Call.REFUSED);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.GIVEN_UP);
          assertThat(bench.serving()).isEqualTo(MASTER);
          assertThat(bench.pool().epoch()).isEqualTo(1);
          assertThat(bench.pool().paused()).isFalse();
        });
  }

  @Test
  void a_server_that_cannot_be_promoted_gives_the_role_back_in_a_later_epoch() {
    run(
        bench -> {
          fence(bench);
          bench.hookEnds(SwitchFacts.Call.DONE);
          bench.hookEnds(SwitchFacts.Call.REFUSED);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.ROLLING_BACK);
          assertThat(bench.pool().paused()).isTrue();
          assertThat(bench.hookCalls.getLast())
              .returns("promote", HookCall::hook)
              .returns(3L, HookCall::epoch)
              .returns(MASTER, call -> call.server().id());
          bench.hookEnds(SwitchFacts.Call.DONE);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.ROLLED_BACK);
          assertThat(bench.serving()).isEqualTo(MASTER);
          assertThat(bench.pool().epoch()).isEqualTo(3);
          assertThat(bench.pool().paused()).isFalse();
        });
  }

  @Test
  void nobody_serves_until_an_operator_decides_if_neither_server_can_be_promoted() {
    run(
        bench -> {
          fence(bench);
          bench.hookEnds(SwitchFacts.Call.UNCERTAIN);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.ROLLING_BACK);
          bench.hookEnds(SwitchFacts.Call.UNCERTAIN);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.FAILED);
          bench.advance(30_000);
          assertThat(bench.serving()).isNull();
          assertThat(bench.pool().epoch()).isEqualTo(3);
          assertThat(bench.events().stream().map(Event::level)).contains(Level.ERROR);
        });
    run(
        bench -> {
          bench.begin(hooked());
          assertThat(bench.serving()).as("also after a restart").isNull();
          assertThat(bench.result(bench.monitor.switchTo(SENSE, BACKUP, ALICE)))
              .isEqualTo(new Result.Done(true));
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().epoch()).isEqualTo(4);
        });
  }

  @Test
  void auto_lets_the_policy_decide_after_a_planned_switch_that_failed() {
    run(
        bench -> {
          fence(bench);
          bench.hookEnds(SwitchFacts.Call.UNCERTAIN);
          bench.hookEnds(SwitchFacts.Call.REFUSED);
          assertThat(bench.serving()).isNull();
          bench.result(bench.monitor.switchTo(SENSE, null, ALICE));
          assertThat(bench.serving()).isEqualTo(MASTER);
        });
  }

  @Test
  void a_restart_while_the_old_server_is_fenced_fences_it_again() {
    run(
        bench -> {
          fence(bench);
        });
    run(
        bench -> {
          bench.begin(hooked());
          assertThat(phase(bench)).isEqualTo(SwitchPhase.FENCING);
          assertThat(bench.pool().paused()).isTrue();
          assertThat(bench.hookCalls).hasSize(1);
          bench.hookEnds(SwitchFacts.Call.DONE);
          bench.hookEnds(SwitchFacts.Call.DONE);
          assertThat(bench.serving()).isEqualTo(BACKUP);
        });
  }

  @Test
  void a_repeated_call_that_is_refused_may_have_been_carried_out_before() {
    run(bench -> fence(bench));
    run(
        bench -> {
          bench.begin(hooked());
          bench.hookEnds(SwitchFacts.Call.REFUSED);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.ROLLING_BACK);
          assertThat(bench.hookCalls.getLast())
              .returns("promote", HookCall::hook)
              .returns(MASTER, call -> call.server().id());
          bench.hookEnds(SwitchFacts.Call.DONE);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.ROLLED_BACK);
          assertThat(bench.hookCalls).as("the backup was never promoted").hasSize(2);
          assertThat(plan(bench)).isEqualTo(new Result.Done(true));
          bench.paused();
          bench.hookEnds(SwitchFacts.Call.DONE);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PROMOTING);
        });
    run(
        bench -> {
          bench.begin(hooked());
          bench.hookEnds(SwitchFacts.Call.REFUSED);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.ROLLING_BACK);
          bench.hookEnds(SwitchFacts.Call.DONE);
          assertThat(bench.hookCalls.getLast())
              .as("the backup may have been promoted")
              .returns("demote", HookCall::hook)
              .returns(BACKUP, call -> call.server().id());
        });
  }

  @Test
  void a_failure_of_the_old_server_changes_nothing_once_it_is_being_fenced() {
    run(
        bench -> {
          fence(bench);
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advance(3_000);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.FENCING);
          assertThat(why(bench.result(bench.monitor.switchTo(SENSE, BACKUP, null))))
              .contains("in phase FENCING");
          assertThat(why(bench.result(bench.monitor.giveUpSwitch(SENSE, null))))
              .contains("cannot be given up");
          bench.hookEnds(SwitchFacts.Call.DONE);
          bench.hookEnds(SwitchFacts.Call.DONE);
          assertThat(bench.serving()).isEqualTo(BACKUP);
        });
  }

  /** Ways in which a switch ends at the old server after a call of its demote hook. */
  private static Stream<Arguments> returns() {
    return Stream.of(
        Arguments.of(SwitchPhase.GIVEN_UP, List.of(SwitchFacts.Call.REFUSED)),
        Arguments.of(
            SwitchPhase.ROLLED_BACK,
            List.of(SwitchFacts.Call.DONE, SwitchFacts.Call.REFUSED, SwitchFacts.Call.DONE)),
        Arguments.of(
            SwitchPhase.ROLLED_BACK, List.of(SwitchFacts.Call.UNCERTAIN, SwitchFacts.Call.DONE)));
  }

  private static void endCalls(Bench bench, SwitchPhase phase, List<SwitchFacts.Call> outcomes) {
    for (SwitchFacts.Call each : outcomes) {
      bench.advance(1_500);
      bench.hookEnds(each);
    }
    assertThat(phase(bench)).isEqualTo(phase);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @ParameterizedTest
  @MethodSource("returns")
  void what_a_fence_does_to_the_old_server_is_no_failure_if_that_goes_on(
      SwitchPhase phase, List<SwitchFacts.Call> outcomes) {
    for (Behaviour fenced : List.of(Behaviour.KILLED, Behaviour.FROZEN, Behaviour.ILL)) {
      run(
          bench -> {
            fence(bench);
            bench.prober.set(MASTER, fenced);
            endCalls(bench, phase, outcomes);
            bench.prober.set(MASTER, Behaviour.HEALTHY);
            bench.advance(10_000);
            assertThat(bench.serving()).as(fenced.toString()).isEqualTo(MASTER);
            assertThat(bench.switches()).hasSize(1);
            assertThat(bench.hookCalls)
                .filteredOn(call -> !call.promote() && call.server().id().equals(MASTER))
                .hasSize(1);
          });
      directory.resolve("state.json").toFile().delete();
    }
  }

  @ParameterizedTest
  @MethodSource("returns")
  void an_old_server_that_stays_away_after_its_fence_fails_over(
      SwitchPhase phase, List<SwitchFacts.Call> outcomes) {
    run(
        bench -> {
          fence(bench);
          bench.prober.set(MASTER, Behaviour.KILLED);
          endCalls(bench, phase, outcomes);
          bench.advance(10_000);
          assertThat(bench.serving()).isEqualTo(BACKUP);
        });
  }

  @Test
  void a_scheduled_switch_waits_for_its_time_and_survives_a_restart() {
    Instant[] at = new Instant[1];
    run(
        bench -> {
          bench.begin(sense());
          at[0] = bench.scheduler.now().plusSeconds(60);
          plan(bench, BACKUP, 10_000, at[0]);
          bench.advance(10_000);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.SCHEDULED);
          assertThat(bench.pool().paused()).isFalse();
        });
    run(
        bench -> {
          bench.begin(sense());
          assertThat(phase(bench)).isEqualTo(SwitchPhase.SCHEDULED);
          bench.advance(Duration.between(bench.scheduler.now(), at[0]).toMillis() - 10);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.SCHEDULED);
          bench.advance(20);
          assertThat(phase(bench)).isEqualTo(SwitchPhase.PAUSING);
          bench.paused();
          assertThat(bench.serving()).isEqualTo(BACKUP);
        });
  }

  @Test
  void a_pause_that_a_restart_interrupted_goes_on() {
    run(
        bench -> {
          bench.begin(sense());
          bench.server(MASTER).traffic().requests().set(1);
          plan(bench);
          bench.paused();
        });
    run(
        bench -> {
          bench.begin(sense());
          assertThat(bench.pool().paused()).isTrue();
          bench.paused();
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().epoch()).isEqualTo(2);
        });
  }

  @Test
  void nobody_waits_for_a_planned_switch_of_a_pool_that_balances_now() {
    FakeAgreement others =
        new FakeAgreement() {
          @Override
          public void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {}
        };
    SwitchRequest request = new SwitchRequest(BACKUP, Duration.ofSeconds(10), false, null, ALICE);
    PlannedSwitch planned =
        new PlannedSwitch(
            "planned",
            MASTER,
            request,
            2,
            "another",
            Set.of("another"),
            false,
            List.of(new PlannedSwitch.Stage(SwitchPhase.PAUSING, FakeScheduler.START, "")));
    RoleState role = new RoleState(MASTER, 1, null, 0, null, RoleMemory.NONE);
    others.agreed =
        new AgreedRole(role, SwitchReason.INITIAL, FakeScheduler.START, "a test").with(planned);
    try (Bench bench = new Bench(others, Bench.NO_JITTER)) {
      bench.begin(sense());
      assertThat(bench.pool().paused()).isTrue();
      bench.apply(
          TestPools.pool(SENSE)
              .balance()
              .servers(sense().servers().toArray(Server[]::new))
              .build());
      assertThat(bench.pool().paused()).isFalse();
      bench.apply(sense());
      assertThat(bench.pool().paused()).isTrue();
    }
  }

  @Test
  void the_last_switch_is_remembered_over_a_restart_without_another_event() {
    run(
        bench -> {
          bench.begin(sense());
          plan(bench);
          bench.paused();
          assertThat(phase(bench)).isEqualTo(SwitchPhase.MOVED);
        });
    run(
        bench -> {
          bench.begin(sense());
          assertThat(phase(bench)).isEqualTo(SwitchPhase.MOVED);
          assertThat(phases(bench)).isEmpty();
        });
  }
}
