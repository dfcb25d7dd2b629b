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
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A planned switch of a replica that decides alone, with its state file. */
class MonitorSwitchoverTest {
  static final List<Story> STORIES =
      Story.of(
          """
          the role moves once nothing runs at the old server
            begin sense; sen2 has 1 requests; plan; pool.paused = true; receiving = ""
            # A request runs.
            wait 100 ms; all loops pause; wait 100 ms; serving = sen2
            sen2 has 0 requests; wait 10 ms; serving = sen1; pool.paused = false
            pool.epoch = 2; pool.pinned = sen1
            all.PlannedSwitchChanged.phase = "PAUSING, MOVED"
            last.Switched.reason = OPERATOR; last.Switched.operator = "alice: disk swap"
          the role does not move before every event loop has seen the pause
            begin sense; plan; wait 1 s; phase = PAUSING
            loops of another switch pause; wait 100 ms; phase = PAUSING
            all loops pause; phase = MOVED
          requests that do not finish in time give the switch up
            begin sense; sen2 has 1 tunnels; plan sen1 within 4 s; all loops pause
            wait 1990 ms; phase = PAUSING
            wait 20 ms; phase = GIVEN_UP; serving = sen2; pool.paused = false; pool.epoch = 1
            # Another may follow.
            plan
          a pool that is removed while a hook runs stays away
            fence; apply nothing; the hook ends DONE; wait 1 s; pools = ""; calls.size = 1
          a full hold gives the switch up
            begin sense; sen2 has 1 requests; plan; all loops pause
            the hold is full; phase = GIVEN_UP; serving = sen2
          the role does not move before the process before has left the old server
            begin sense; the process before says NONE; plan; all loops pause; wait 100 ms
            phase = PAUSING; told = {sense=null}
            the process before says RELEASED; wait 10 ms; phase = MOVED
          a full hold of the process before gives the switch up
            begin sense; the process before says NONE; plan; all loops pause
            the process before says FULL; wait 10 ms; phase = GIVEN_UP
          a process that is replaced tells the next one when it has left the old server
            begin sense; sen2 has 1 requests; plan; another process leads; all loops pause
            told = {sense=null}; sen2 has 0 requests; wait 10 ms
            keep pool.planned.id as id; told ~ $id; told ~ RELEASED
            # It follows.
            phase = PAUSING
          a failover during the pause gives the switch up
            begin sense; sen2 has 1 requests; plan; sen2 becomes KILLED; until sen1 serves
            phase = GIVEN_UP; pool.pinned = null; pool.paused = false
          a target that fails during the pause gives the switch up
            begin sense; sen2 has 1 requests; plan sen1 within 60 s; sen1 becomes KILLED; wait 4 s
            phase = GIVEN_UP; serving = sen2
          an operator gives it up while clients are held
            begin sense; plan; give up by alice; phase = GIVEN_UP; pool.paused = false
            give up -> conflict ~ "no planned switch is under way; the last one ended as GIVEN_UP"
          a plain switch ends the planned one
            begin sense; plan; switch to sen1; phase = GIVEN_UP; serving = sen1; pool.paused = false
          a switch to the server that serves gives the planned one up
            begin sense; sen2 has 1 requests; plan; all loops pause; switch to sen2 by alice
            phase = GIVEN_UP; serving = sen2; pool.pinned = sen2; pool.paused = false
            sen2 has 0 requests; wait 1 s; serving = sen2; pool.epoch = 1
          a switch to the server that serves and is pinned gives the planned one up
            begin sense; switch to sen2 by alice; sen2 has 1 requests; plan; all loops pause
            switch to sen2 by alice; phase = GIVEN_UP; serving = sen2; pool.pinned = sen2
          a switch to the server that serves gives a scheduled one up
            begin sense; plan it in 60 s; switch to sen2 by alice; phase = GIVEN_UP
            wait 120 s; serving = sen2
          a switch to the server that serves is refused once that may be fenced
            fence; switch to sen2 -> conflict ~ in phase FENCING
            the hook ends DONE; switch to sen2 -> conflict ~ in phase PROMOTING
            the hook ends REFUSED; switch to sen2 -> conflict ~ in phase ROLLING_BACK
            the hook ends DONE; phase = ROLLED_BACK; switch to sen2 by alice; pool.pinned = sen2
          an old server that is {DRAIN|MAINTENANCE} while it is waited for hands over without a plan
            begin hooked; sen2 has 1 requests; plan; all loops pause; force sen2 to {}
            until sen1 serves; phase = GIVEN_UP
          an old server that is {DRAIN|MAINTENANCE} once it is fenced hands over all the same
            fence; force sen2 to {}; phase = FENCING; the hook ends DONE; phase = PROMOTING
            the hook ends DONE; phase = MOVED; serving = sen1
          a new server that is {DRAIN|MAINTENANCE} while clients wait gives the switch up
            begin hooked; sen2 has 1 requests; plan; all loops pause; force sen1 to {}
            phase = GIVEN_UP; serving = sen2; pool.paused = false
          a new server that is {DRAIN|MAINTENANCE} while the old one is fenced is not awaited
            fence; force sen1 to {}; phase = FENCING; the hook ends DONE; phase = ROLLING_BACK
            calls = "demote sen2 2, promote sen2 3"; the hook ends DONE
            phase = ROLLED_BACK; serving = sen2; pool.paused = false
            last.PlannedSwitchChanged.message ~ "server sen1 is drained, in maintenance"
          a new server that is {DRAIN|MAINTENANCE} while it is promoted is not awaited
            fence; the hook ends DONE; force sen1 to {}; phase = PROMOTING
            the hook ends DONE; phase = ROLLING_BACK; the hook ends DONE; phase = ROLLED_BACK
            serving = sen2; pool.owed.demote.keys = sen1
          what cannot begin is refused with its reason
            begin sense; plan sen2 within 10 s -> conflict ~ sen2 serves already
            plan sen9 within 10 s -> unknown ~ no server
            sen1 becomes KILLED; wait 5 s; plan -> conflict ~ sen1 is not usable
            sen1 becomes HEALTHY; wait 5 s; plan; plan -> conflict ~ under way already
            count.Switched = 1
          a demote hook that cannot be called refuses the switch
            begin hooked; demote has no address
            plan -> conflict ~ "hook demote of server sen2: no address for hooks.example"
            pool.planned = null; calls = ""
          a promote hook that cannot be called refuses the switch
            begin hooked; promote has no address
            plan -> conflict ~ "hook promote of server sen1: no address for hooks.example"
            pool.planned = null; calls = ""
          the old server is fenced and the new one promoted before clients are let go
            fence; the hook ends DONE; phase = PROMOTING; pool.paused = true
            calls = "demote sen2 2, promote sen1 2"
            the hook ends DONE; phase = MOVED; serving = sen1; pool.epoch = 2
            calls.size = 2; count.HookCalled in 1..2
          a server that refuses to be fenced serves on
            fence; the hook ends REFUSED; phase = GIVEN_UP; serving = sen2
            pool.epoch = 1; pool.paused = false
          a server that cannot be promoted gives the role back in a later epoch
            fence; the hook ends DONE; the hook ends REFUSED; phase = ROLLING_BACK
            pool.paused = true; calls = "demote sen2 2, promote sen1 2, promote sen2 3"
            the hook ends DONE; phase = ROLLED_BACK; serving = sen2
            pool.epoch = 3; pool.paused = false
          a switch whose servers could both not be promoted leaves them to the choice, the new one first
            fence; the hook ends UNCERTAIN; phase = ROLLING_BACK
            the hook ends UNCERTAIN; phase = FAILED; last.PlannedSwitchChanged.level = ERROR
            serving = null; pool.epoch = 3; calls.size = 3; last-call.hook = demote
            last-call.server.id = sen2; last-call.epoch = 4
            the hook ends DONE; last-call.hook = promote; last-call.server.id = sen1
            last-call.epoch = 4; serving = null; the hook ends DONE; serving = sen1
            pool.epoch = 4; pool.pinned = null; phase = FAILED
          whom a failed switch may have left the master is fenced three times before nobody waits for it
            failed; last-call.hook = demote; the hook ends REFUSED; wait 1100 ms
            the hook ends UNCERTAIN; wait 2200 ms; calls.size = 5; last-call.hook = demote
            the hook ends REFUSED; wait 1 s; last-call.hook = promote; last-call.server.id = sen1
            the hook ends DONE; serving = sen1
          nobody waits for the fence of a host of which nothing is heard
            failed; sen2 becomes FROZEN; the hook ends UNCERTAIN; wait 5 s
            last-call.hook = promote; last-call.server.id = sen1; the hook ends DONE; serving = sen1
          a server that cannot be promoted after a failed switch gives way to the next one
            failed; the hook ends DONE; wait 1 s; the promotion ends REFUSED; wait 1100 ms
            serving = null; pool.epoch = 4; calls ~ promote sen2 5; the promotion ends DONE
            serving = sen2; pool.epoch = 5
          the new server of a failed switch that may have been promoted is fenced before the old one is
            failed; the hook ends DONE; wait 1 s; the promotion ends UNCERTAIN; wait 1100 ms
            last-call.hook = demote; last-call.server.id = sen1; last-call.epoch = 5; wait 500 ms
            serving = null; the hook ends DONE; last-call.hook = promote
            last-call.server.id = sen2; the hook ends DONE; serving = sen2; pool.epoch = 5
          an operator decides after a failed switch
            failed; restart; begin hooked; serving = null
            switch to sen1 by alice; serving = sen1; pool.epoch = 4
          a failed switch goes on after a restart
            failed; the hook ends DONE; last-call.hook = promote; restart; begin hooked
            calls ~ promote sen1 4; the promotion ends DONE; serving = sen1
          a failed switch ends once no server needs promotion any more
            failed; apply sense; wait 100 ms; serving = sen2
          a failed switch ends at the only server that is left
            failed; apply hooked-backup-only; wait 1 s; the promotion ends DONE; serving = sen1
          a server that is not usable once it is promoted is awaited for half a minute
            failed; the hook ends DONE; sen1 becomes KILLED; wait 5 s; the promotion ends DONE
            wait 5 s; serving = null; sen1 becomes HEALTHY; until sen1 serves
          the host of an old server that dies while it is fenced is over after the hook's time-out
            fence; sen2 becomes FROZEN; wait 5 s; phase = FENCING; the hook ends UNCERTAIN
            phase = FAILED; calls ~ promote sen1 4; the promotion ends DONE
            serving = sen1; wait 60 s; serving = sen1
          the host of an old server that dies while the new one is promoted changes nothing
            fence; the hook ends DONE; sen2 becomes FROZEN; wait 5 s; phase = PROMOTING
            the hook ends DONE; phase = MOVED; serving = sen1
          the host of an old server that dies while it is rolled back is over after the hook's time-out
            fence; the hook ends DONE; the hook ends REFUSED; phase = ROLLING_BACK
            sen2 becomes FROZEN; wait 5 s; the hook ends UNCERTAIN; phase = FAILED
            calls ~ promote sen1 4; the promotion ends DONE; serving = sen1
          a later failure is none of a switch that failed before
            failed; the hook ends DONE; the promotion ends DONE; serving = sen1; wait 30 s
            sen1 becomes KILLED; sen2 becomes KILLED; until pool.serving = null; wait 1 s
            sen2 becomes HEALTHY; until sen2 serves
          a switch waits for a hook that runs at its {new|old} server
            begin hooked-manual; sen2 becomes KILLED; until sen1 serves; sen2 becomes HEALTHY
            wait 10 s; calls = "promote sen1 2, demote sen2 2"
            plan sen2 within 10 s; the hook at the {} server is left; all loops pause; wait 4 s
            phase = PAUSING; calls.size = 2; that hook ends DONE; wait 10 ms
            phase = FENCING; last-call.server.id = sen1
          a switch is given up if a hook runs at its {new|old} server for longer than the pause
            begin hooked-manual; sen2 becomes KILLED; until sen1 serves; sen2 becomes HEALTHY
            wait 10 s; plan sen2 within 10 s; the hook at the {} server is left; all loops pause
            wait 5100 ms; phase = GIVEN_UP; serving = sen1; calls.size = 2
            last.PlannedSwitchChanged.message ~ a hook is still running at one of its servers
          auto lets the policy decide after a planned switch that failed
            failed; serving = null; switch to auto by alice; wait 100 ms; serving = sen2
          a restart while the old server is fenced fences it again
            fence; restart; begin hooked; phase = FENCING; pool.paused = true; calls.size = 0
            all loops pause; calls.size = 1
            the hook ends DONE; the hook ends DONE; serving = sen1
          a repeated call that is refused may have been carried out before
            fence; restart; begin hooked; all loops pause; the hook ends REFUSED
            phase = ROLLING_BACK; last-call.hook = promote; last-call.server.id = sen2
            # The backup was never promoted.
            the hook ends DONE; phase = ROLLED_BACK; calls.size = 2
            plan; all loops pause; the hook ends DONE; phase = PROMOTING
            # The backup may have been promoted.
            restart; begin hooked; all loops pause; the hook ends REFUSED
            phase = ROLLING_BACK; the hook ends DONE; last-call.hook = demote; last-call.server.id = sen1
          a failure of the old server changes nothing once it is being fenced
            fence; sen2 becomes KILLED; wait 3 s; phase = FENCING
            switch to sen1 -> conflict ~ in phase FENCING; give up -> conflict ~ can no longer be given up
            the hook ends DONE; the hook ends DONE; serving = sen1
          what a refused fence does to the old server, {KILLED|FROZEN|ILL}, is no failure
            fence; sen2 becomes {}; wait 1500 ms; the hook ends REFUSED; phase = GIVEN_UP
            serving = sen2; it is back and stays
          what a fence does to the old server, {KILLED|FROZEN|ILL}, is no failure if it goes on
            fence; sen2 becomes {}; wait 1500 ms; the hook ends DONE
            wait 1500 ms; the hook ends REFUSED; wait 1500 ms; the hook ends DONE
            phase = ROLLED_BACK; serving = sen2; it is back and stays
          what an uncertain fence does to the old server, {KILLED|ILL}, is no failure
            fence; sen2 becomes {}; wait 1500 ms; the hook ends UNCERTAIN
            wait 1500 ms; the hook ends DONE
            phase = ROLLED_BACK; serving = sen2; it is back and stays
          an old server that stays away after a refused fence fails over
            fence; sen2 becomes KILLED; wait 1500 ms; the hook ends REFUSED
            phase = GIVEN_UP; serving = sen2; wait 10 s; serving = sen1
          an old server that stays away after its fence fails over
            fence; sen2 becomes KILLED; wait 1500 ms; the hook ends DONE
            wait 1500 ms; the hook ends REFUSED; wait 1500 ms; the hook ends DONE
            phase = ROLLED_BACK; serving = sen2; wait 10 s; serving = sen1
          an old server that stays away after an uncertain fence fails over
            fence; sen2 becomes KILLED; wait 1500 ms; the hook ends UNCERTAIN
            wait 1500 ms; the hook ends DONE
            phase = ROLLED_BACK; serving = sen2; wait 10 s; serving = sen1
          a scheduled switch waits for its time and survives a restart
            # Both runs begin at the same time of the test.
            begin sense; plan it in 60 s; wait 10 s; phase = SCHEDULED; pool.paused = false
            restart; begin sense; phase = SCHEDULED; wait 59990 ms; phase = SCHEDULED
            wait 20 ms; phase = PAUSING; all loops pause; serving = sen1
          a scheduled switch begins at its time of the clock on the wall, which was behind
            begin sense; plan it in 180 min; wait 10 s; the wall steps PT3H; wait 100 ms; phase = PAUSING
            all loops pause; serving = sen1
          a scheduled switch waits for its time of the clock on the wall, which was ahead
            begin sense; plan it in 60 s; the wall steps PT-3H; wait 180 min; phase = SCHEDULED; wait 59 s
            phase = SCHEDULED; wait 1 s; phase = PAUSING; all loops pause; serving = sen1
          a scheduled switch that was missed by {61 s|180 min} does not run
            begin sense; plan it in 60 s; another process leads; wait 60 s; wait {}
            this process leads; wait 1 s; phase = GIVEN_UP; serving = sen2; pool.paused = false
            last.PlannedSwitchChanged.message ~ was missed by more than a minute
          a pause lasts as long as it may, however the clock on the wall is set {PT3H|PT-3H}
            begin sense; sen2 has 1 requests; plan; all loops pause; the wall steps {}; wait 1 s
            phase = PAUSING; wait 10 s; phase = GIVEN_UP; serving = sen2
          a pause that a restart interrupted goes on
            begin sense; sen2 has 1 requests; plan; all loops pause
            restart; begin sense; pool.paused = true
            all loops pause; serving = sen1; pool.epoch = 2
          the last switch is remembered over a restart without another event
            begin sense; plan; all loops pause; phase = MOVED
            restart; begin sense; phase = MOVED; count.PlannedSwitchChanged = 0
          """);

  @AutoClose private final Stage stage;

  MonitorSwitchoverTest(@TempDir Path directory) {
    stage =
        new Stage(directory)
            .pool("hooked", hooked())
            .pool("hooked-manual", SensePool.with(hooked(), Policy.MANUAL))
            .pool("hooked-backup-only", SensePool.with(hooked(), SensePool.backup("192.0.2.1")))
            .verb("the promotion ends (\\S+)", on -> promotionEnds(Call.valueOf(on.group(1))))
            .verb("the hook at the (new|old) server is left", on -> leave(on.group(1)))
            .verb("that hook ends DONE", on -> bench().hookEnds(left, Call.DONE))
            .means(
                "fence",
                "begin hooked; plan; all loops pause; phase = FENCING; calls = demote sen2 2")
            .means(
                "failed",
                "fence; the hook ends UNCERTAIN; the hook ends UNCERTAIN; phase = FAILED;"
                    + " calls.size = 3; serving = null")
            .means(
                "it is back and stays",
                "sen2 becomes HEALTHY; wait 10 s; serving = sen2; count.Switched = 1;"
                    + " fences-of-sen2 = 1")
            .command("plan", on -> plan(null))
            .command(
                "plan it in (\\d+ \\w+)",
                on -> plan(bench().scheduler.wall().plus(StoryWords.time(on.group(1)))))
            .verb("loops of another switch pause", on -> bench().monitor.paused(SENSE, "another"))
            .verb("the hold is full", on -> holdIsFull())
            .verb(
                "the process before says (\\S+)",
                on -> bench().processes.before = Release.valueOf(on.group(1)))
            .verb(
                "(\\S+) has no address",
                on -> bench().hookProblems.put(on.group(1), "no address for hooks.example"))
            .fact("told", () -> bench().processes.told)
            .fact("fences-of-sen2", this::fencesOfTheMaster);
  }

  private int left;

  /** The hook at the other server has ended. */
  private void leave(String server) {
    left = server.equals("new") ? 1 : 0;
    bench().hookEnds(1 - left, Call.DONE);
  }

  private void promotionEnds(Call outcome) {
    List<HookCall> calls = bench().hookCalls;
    int last = calls.size() - 1;
    while (!calls.get(last).promote()) {
      last--;
    }
    bench().hookEnds(last, outcome);
  }

  private Bench bench() {
    return stage.bench;
  }

  private CompletionStage<Result> plan(@Nullable Instant at) {
    return bench().monitor.commands().planSwitch(SENSE, request(at));
  }

  private static SwitchRequest request(@Nullable Instant at) {
    return new SwitchRequest(BACKUP, Duration.ofSeconds(10), false, at, ALICE);
  }

  private void holdIsFull() {
    bench().monitor.holdFull(SENSE);
    bench().scheduler.settle();
  }

  private long fencesOfTheMaster() {
    return bench().hookCalls.stream()
        .filter(call -> !call.promote() && call.server().id().equals(MASTER))
        .count();
  }

  /** A pool with both hooks. */
  static Pool hooked() {
    Hook hook =
        new Hook("http://hooks.example/", List.of(), Map.of(), Duration.ofSeconds(5), false);
    return SensePool.with(sense(), new HookSettings(hook, hook));
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_planned_switch_moves_the_role_or_gives_up(Story story) {
    stage.play(story);
  }

  @Test
  void a_pool_that_is_removed_while_its_hooks_are_looked_up_is_not_switched() {
    bench().begin(hooked());
    bench().hookLookup = new CompletableFuture<>();
    CompletionStage<Result> switched = plan(null);
    bench().apply();
    bench().hookLookup.complete("");
    assertThat(bench().result(switched)).isInstanceOf(Result.Conflict.class);
    assertThat(bench().agreement.agreed(SENSE).orElseThrow().planned()).isNull();
    stage.play("pools = \"\"");
  }

  @Test
  void nobody_waits_for_a_planned_switch_of_a_pool_that_balances_now() {
    FakeAgreement others = others();
    others.agreed = plannedByAnother(SwitchPhase.PAUSING);
    try (Stage following = new Stage(others)) {
      following.play("begin sense; pool.paused = true");
      following.play("apply balance; pool.paused = false; apply sense; pool.paused = true");
    }
  }

  @Test
  void a_server_that_was_bad_when_a_replica_began_is_judged_anew_once_its_fence_ends() {
    FakeAgreement others = others();
    try (Stage following = new Stage(others)) {
      following.play("sen2 becomes KILLED");
      following.bench.begin(hooked());
      following.play("until sen2.status = DOWN");
      others.decide(plannedByAnother(SwitchPhase.FENCING));
      following.play("wait 10 s; sen2 becomes HEALTHY; sen2.status = DOWN");
      others.decide(plannedByAnother(SwitchPhase.ROLLED_BACK));
      following.play("wait 500 ms; sen2.status = UP"); // Of one that is DOWN it takes two probes.
    }
  }

  @Test
  void a_server_that_is_judged_anew_while_its_name_moves_moves_nevertheless() {
    FakeAgreement others = others();
    try (Stage following = new Stage(others)) {
      following.pool(
          "hooked",
          SensePool.with(
              hooked(), SensePool.master("master.example"), SensePool.backup("192.0.2.1")));
      following.play("192.0.2.2 becomes KILLED; 192.0.2.9 becomes SLOW");
      following.play(
          "master.example resolves to 192.0.2.2; begin hooked; until sen2.status = DOWN");
      others.decide(plannedByAnother(SwitchPhase.FENCING));
      following.play("master.example resolves to 192.0.2.9; until hosts.sen2 ~ 192.0.2.9");
      others.decide(plannedByAnother(SwitchPhase.ROLLED_BACK));
      following.play("wait 10 s; sen2.address.host = 192.0.2.9; sen2.status = UP");
    }
  }

  private static FakeAgreement others() {
    return new FakeAgreement() {
      @Override
      public void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {}
    };
  }

  private static AgreedRole plannedByAnother(SwitchPhase phase) {
    PlannedSwitch planned =
        new PlannedSwitch(
            "planned",
            MASTER,
            request(null),
            2,
            "another",
            Set.of("another"),
            false,
            List.of(new PlannedSwitch.Stage(phase, FakeScheduler.START, "")));
    RoleState role = new RoleState(MASTER, 1, null, 0, null, RoleMemory.NONE);
    return new AgreedRole(role, SwitchReason.INITIAL, FakeScheduler.START, "a test").with(planned);
  }
}
