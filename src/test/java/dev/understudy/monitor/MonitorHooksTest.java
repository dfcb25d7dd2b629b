package dev.understudy.monitor;

import static dev.understudy.monitor.MonitorTwoPrimariesTest.database;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;

import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Pool;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.TestPools;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Hooks when the role moves without a plan, at a replica that decides alone, with its file. */
class MonitorHooksTest {
  static final List<Story> STORIES =
      Story.of(
          """
          the first choice of a new pool calls no hook
            begin both; wait 60 s; serving = sen2; calls = ""
          a failover does not wait for its hooks
            fail over both; calls = "promote sen1 2, demote sen2 2"
            first-call.from = sen2; first-call.to = sen1; first-call.reason = CONNECTION_FAILED
            first-call.planned = false; pool.owed.demote.keys = sen2
            hook 0 ends DONE; hook 1 ends DONE; owes-nothing = true
            wait 120 s; calls.size = 2; count.HookCalled = 2
          a process that follows another calls no hook and one that leads calls what is owed
            fail over demote; hook 0 ends REFUSED; another process leads; wait 600 s; calls.size = 1
            this process leads; wait 1 s; calls = "demote sen2 2, demote sen2 2"
          demote is tried until it succeeds in longer and longer intervals
            fail over demote
            refused it is called again after 1 s; refused it is called again after 2 s
            refused it is called again after 4 s; refused it is called again after 8 s
            refused it is called again after 16 s; refused it is called again after 30 s
            refused it is called again after 30 s
            # Only the first, and another outcome.
            count.HookCalled = 1; the hook ends UNCERTAIN; count.HookCalled = 2
            wait 30 s; the hook ends DONE; last.HookCalled.outcome = DONE
            keep calls.size as calls; wait 600 s; calls.size = $calls
          every attempt is measured
            fail over demote; the hook ends REFUSED; wait 1 s; the hook ends REFUSED
            calls = "demote sen2 2, demote sen2 2"; first-call.key ~ sense/sen2/2/demote/
            # It is the same call.
            keep first-call.key as key; last-call.key = $key
          what is owed survives a restart
            fail over both; restart; sen2 becomes KILLED; begin both; serving = sen1
            calls = "promote sen1 2, demote sen2 2"; hook 0 ends DONE; hook 1 ends DONE
            restart; begin both; wait 60 s; calls = ""
          a server that is removed is not demoted any more
            fail over demote; the hook ends REFUSED; apply demote-backup-only; wait 120 s
            calls.size = 1; owes-nothing = true
          a later epoch ends the calls of the one before and waits for one that is running
            fail over both; sen2 becomes HEALTHY; wait 10 s; switch to sen2 by alice
            calls = "promote sen1 2, demote sen2 2"
            hook 1 ends REFUSED; calls = "promote sen1 2, demote sen2 2, promote sen2 3"
            last-call.operator = "alice: disk swap"
            hook 0 ends REFUSED
            calls = "promote sen1 2, demote sen2 2, promote sen2 3, demote sen1 3"
            # The late results change nothing.
            wait 120 s; calls.size = 4; hook 2 ends DONE; hook 3 ends DONE; owes-nothing = true
          nobody is fenced before another takes over
            begin both; sen1 becomes KILLED; wait 10 s; sen2 becomes KILLED
            until nobody serves; wait 60 s; calls = ""
            sen1 becomes HEALTHY; until sen1 serves; calls = "promote sen1 3, demote sen2 3"
          a required promotion is awaited while nobody serves
            begin required; sen2 becomes KILLED; until nobody serves
            calls = "promote sen1 3, demote sen2 3"; wait 3 s; serving = null
            pool.owed.promote = sen1
            last.Switched.message ~ "nobody serves instead of server sen2 until server sen1 is promoted: "
            hook 0 ends DONE; serving = sen1; pool.epoch = 3
            last.Switched.reason = CONNECTION_FAILED
            hook 1 ends DONE; wait 60 s; calls.size = 2; owes-nothing = true
          a required promotion that fails is tried again
            begin required; sen2 becomes KILLED; until nobody serves; hook 0 ends REFUSED
            wait 999 ms; calls.size = 2
            wait 1 ms; calls = "promote sen1 3, demote sen2 3, promote sen1 3"
            the hook ends DONE; serving = sen1
          the next server is promoted if the first fails and the waits grow
            begin required-alone; sen2 becomes KILLED; until nobody serves
            the hook ends REFUSED; sen2 becomes HEALTHY; wait 10 s; calls ~ promote sen1 3
            the hook ends UNCERTAIN
            wait 31 s; the hook ends UNCERTAIN; wait 31 s; the hook ends UNCERTAIN
            wait 31 s; the hook ends UNCERTAIN; wait 31 s; the hook ends UNCERTAIN
            wait 31 s; the hook ends UNCERTAIN; wait 31 s; the hook ends UNCERTAIN
            calls ~ promote sen2 4; calls ~ promote sen1 5; calls ~ promote sen2 6
            calls.size in 4..9; wait 31 s; the hook ends DONE; serving != null
          a server that may have been promoted in vain is fenced
            begin required; sen2 becomes KILLED; until nobody serves; hook 1 ends DONE
            sen2 becomes HEALTHY; wait 10 s; hook 0 ends UNCERTAIN; wait 1 s
            calls ~ promote sen2 4; calls ~ demote sen1 4
          an operators switch is promoted first and pinned
            begin required; switch to sen1 by alice; serving = null
            hook 0 ends DONE; serving = sen1; pool.pinned = sen1
            last.Switched.operator = "alice: disk swap"
          a required promotion goes on after a restart
            begin required; sen2 becomes KILLED; until nobody serves
            restart; sen2 becomes KILLED; begin required; calls ~ promote sen1 3
            hook 0 ends DONE; serving = sen1; pool.epoch = 3
          a failback fences before it promotes
            the master returns; phase = PAUSING; serving = sen1; all loops pause
            last-call.hook = demote; last-call.server.id = sen1; last-call.epoch = 3
            last-call.reason = FAILBACK; the hook ends DONE
            last-call.hook = promote; last-call.server.id = sen2; last-call.epoch = 3
            the hook ends DONE; serving = sen2; pool.pinned = null
            last.Switched.reason = FAILBACK; owes-nothing = true; wait 60 s; calls.size = 4
          a failback that cannot fence is tried again later and later
            the master returns; phase = PAUSING; it cannot fence
            wait 19900 ms; phase = GIVEN_UP; wait 300 ms; phase = PAUSING; it cannot fence
            wait 39800 ms; phase = GIVEN_UP; wait 400 ms; phase = PAUSING; it cannot fence
            wait 79800 ms; phase = GIVEN_UP; wait 400 ms; phase = PAUSING; it cannot fence
          a failback that an operator gives up waits likewise
            the master returns; give up by alice; wait 19 s; phase = GIVEN_UP
            wait 2 s; phase = PAUSING
          a failback waits for an operator where no client may wait
            fail over failing-back-without-hold; sen2 becomes HEALTHY; wait 600 s
            serving = sen1; pool.planned = null
          a second primary is demoted until its claim ends
            sen1 becomes STANDBY; begin database; sen1 becomes HEALTHY; until calls != ""
            calls = demote sen1 1; first-call.evidence ~ has claimed to be primary
            # It claims the role still: that is another occasion, which no receiver takes for the first.
            keep first-call.key as key; the hook ends DONE; wait 1 s; calls.size = 2
            last-call.key != $key
            the hook ends DONE; sen1 becomes STANDBY; wait 120 s; calls.size in 2..4
            keep calls.size as calls; wait 120 s; calls.size = $calls
          a server that a planned switch has fenced is no second primary before it can be known
            sen1 becomes STANDBY; begin database-both; plan sen1 within 10 s; all loops pause
            the hook ends DONE; the hook ends DONE; phase = PROMOTING
            sen1 becomes HEALTHY; until sen1 serves; wait 1 s; sen2 becomes STANDBY; wait 60 s
            count.TwoPrimaries = 0; calls = "demote sen2 2, promote sen1 2"
          a server that claims the role long after its fence is a second primary
            sen1 becomes STANDBY; begin database-both; plan sen1 within 10 s; all loops pause
            the hook ends DONE; the hook ends DONE; sen1 becomes HEALTHY; until sen1 serves
            until calls.size = 3
            last-call.hook = demote; last-call.server.id = sen2; count.TwoPrimaries = 1
          a switch that is scheduled gives way to a failback in phases
            the master returns; give up by alice; plan sen2 in 600 s; phase = SCHEDULED
            wait 22 s; phase = PAUSING; pool.planned.request.failback = true
          an operator acknowledges a second primary by maintenance
            sen1 becomes STANDBY; begin database; force sen1 to MAINTENANCE
            sen1 becomes HEALTHY; wait 120 s; calls = ""
          a standby is promoted if the primary is gone
            sen1 becomes STANDBY; begin database-required; sen2 becomes KILLED; until nobody serves
            calls = "promote sen1 3, demote sen2 3"
            sen1 becomes HEALTHY; hook 0 ends DONE; until sen1 serves
            # A thawed primary.
            sen2 becomes HEALTHY; hook 1 ends REFUSED; wait 60 s; serving = sen1
            last-call.hook = demote; last-call.server.id = sen2; last-call.epoch = 3
          a rolled back switch fences the server that may have been promoted
            begin both; plan sen1 within 10 s; all loops pause
            the hook ends DONE; the hook ends UNCERTAIN; the hook ends DONE; phase = ROLLED_BACK
            last-call.hook = demote; last-call.server.id = sen1; last-call.epoch = 3
          """);

  private static Hook hook(boolean required) {
    return new Hook("http://hooks.example/", List.of(), Map.of(), Duration.ofSeconds(5), required);
  }

  private static final HookSettings DEMOTE = new HookSettings(hook(false), null);
  private static final HookSettings BOTH = new HookSettings(hook(false), hook(false));
  private static final HookSettings REQUIRED = new HookSettings(hook(false), hook(true));
  private static final Pool MANUAL = with(sense(), Policy.MANUAL);
  private static final Pool FAILING_BACK = with(with(sense(), BOTH), Policy.IMMEDIATE);

  @AutoClose private final Stage stage;

  MonitorHooksTest(@TempDir Path directory) {
    stage =
        new Stage(directory)
            .pool("demote", with(MANUAL, DEMOTE))
            .pool("demote-backup-only", with(with(MANUAL, DEMOTE), backup("192.0.2.1")))
            .pool("both", with(MANUAL, BOTH))
            .pool("required", with(MANUAL, REQUIRED))
            .pool("required-alone", with(MANUAL, new HookSettings(null, hook(true))))
            .pool("failing-back", FAILING_BACK)
            .pool(
                "failing-back-without-hold",
                TestPools.like(FAILING_BACK).hold(Duration.ZERO, 1024, 64 * 1024).build())
            .pool("database", with(database(), DEMOTE))
            .pool("database-both", with(database(), BOTH))
            .pool("database-required", with(database(), REQUIRED))
            .verb("fail over (\\S+)", on -> failOver(on.group(1)))
            .verb("refused it is called again after (\\d+) s", on -> refused(on.group(1)))
            .command("plan sen2 in 600 s", on -> planLater())
            .fact("owes-nothing", this::owesNothing)
            .means(
                "it cannot fence",
                "all loops pause; the hook ends REFUSED; phase = GIVEN_UP; serving = sen1")
            .means(
                "the master returns",
                "fail over failing-back; hook 0 ends DONE; hook 1 ends DONE; sen2 becomes HEALTHY;"
                    + " until pool.planned != null");
  }

  private CompletionStage<OperatorCommands.Result> planLater() {
    Instant at = stage.bench.scheduler.now().plusSeconds(600);
    Duration pause = Duration.ofSeconds(10);
    return stage
        .bench
        .monitor
        .commands()
        .planSwitch(
            SensePool.SENSE, new SwitchRequest(SensePool.MASTER, pause, false, at, Bench.ALICE));
  }

  private boolean owesNothing() {
    return stage.bench.pool().owed().equals(OwedHooks.NONE);
  }

  private void failOver(String pool) {
    stage.play("begin " + pool + "; sen2 becomes KILLED; until sen1 serves");
  }

  private void refused(String seconds) {
    stage.play("keep calls.size as calls; the hook ends REFUSED");
    stage.bench.advance(Long.parseLong(seconds) * 1_000 - 1);
    stage.play("calls.size = $calls; wait 1 ms; calls.size != $calls");
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void hooks_are_called_as_the_role_moves(Story story) {
    stage.play(story);
  }
}
