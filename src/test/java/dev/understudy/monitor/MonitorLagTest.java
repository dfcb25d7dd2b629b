package dev.understudy.monitor;

import static dev.understudy.monitor.MonitorTwoPrimariesTest.database;
import static dev.understudy.monitor.SensePool.with;

import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PromotionSettings;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.TestPools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Nobody is promoted without an operator's word whose data is too far behind. */
class MonitorLagTest {
  static final List<Story> STORIES =
      Story.of(
          """
          a standby that has all is promoted
            both begin at 1 MB; sen1.data.lag.isBehind = false; sen1.data.tooFar = false
            sen2 is at 9 MB; sen1 is at 9 MB; wait 60 s; count.NoSuccessor = 0
            sen2 becomes KILLED; until nobody serves
            calls = "promote sen1 3, demote sen2 3"; count.NobodyServes = 0
            first-call.acceptLoss = false
          a standby that lacks what may be lost is promoted
            both begin at 1 MB; sen2 is at 17 MB; wait 10 s
            sen1.data.lag.amountInWords = "16 MB behind server sen2"; sen1.data.tooFar = false
            sen2 becomes KILLED; until nobody serves; wait 1 s; calls ~ promote sen1
          a standby that lacks more is told of, and nobody serves until an operator accepts the loss
            both begin at 1 MB; sen2 is at 18 MB; wait 10 s
            sen1.data.lag.amountInWords = "17 MB behind server sen2"; sen1.data.tooFar = true
            count.NoSuccessor = 1; last.NoSuccessor.over = false
            last.NoSuccessor.message ~ "if server sen2 fails now, nobody is promoted without an operator's word: server sen1 is 17 MB behind server sen2 as of "
            serving = sen2; sen2 becomes KILLED; until nobody serves
            last.Switched.message ~ "server sen1 is 17 MB behind server sen2 as of "
            last.Switched.message ~ "an operator has to decide (switch with --accept-loss)"
            wait 600 s; calls = ""; serving = null; pool.explanation ~ Nobody[
            switch to sen1 -> conflict ~ "server sen1 is 17 MB behind server sen2"
            serving = null; accept the loss of sen1 by alice
            calls ~ promote sen1 4; first-call.acceptLoss = true; hook 0 ends DONE; sen1 becomes HEALTHY; until sen1 serves
            pool.pinned = sen1; last.Switched.operator = "alice: disk swap"
          one that catches up while nobody serves is promoted
            both begin at 1 MB; sen2 is at 18 MB; wait 10 s; sen2 becomes KILLED
            until nobody serves; wait 60 s; calls = ""
            sen1 is at 18 MB; wait 10 s; calls ~ promote sen1
          one that catches up before the primary fails is promoted
            both begin at 1 MB; sen2 is at 18 MB; wait 10 s; sen1 is at 18 MB; wait 10 s
            all.NoSuccessor.over = "false, true"; sen1.data.tooFar = false
            sen2 becomes KILLED; until nobody serves; calls ~ promote sen1
          a standby that lacks little for long is not promoted
            both begin at 1 MB; sen2 is at 2 MB; wait 20 s; sen1.data.tooFar = false
            sen2 is at 3 MB; wait 20 s; sen1.data.tooFar = true
            sen2 becomes KILLED; until nobody serves; wait 60 s; calls = ""
          an idle pair is level however long it is idle
            both begin at 1 MB; wait 6000 s; sen1.data.tooFar = false
            sen2 becomes KILLED; until nobody serves; calls ~ promote sen1
          without the bound whoever responds is promoted
            sen1 becomes STANDBY; begin any-lag; sen1 is at 1 MB; sen2 is at 99 MB; wait 600 s; count.NoSuccessor = 0
            sen2 becomes KILLED; until nobody serves; calls ~ promote sen1
          a standby of which nothing is known is promoted, as before there were positions
            sen1 becomes STANDBY; begin required; sen2 is at 99 MB; wait 60 s; sen1.data = null
            sen2 becomes KILLED; until nobody serves; calls ~ promote sen1
          a server that another tool has promoted serves: that was its decision
            both begin at 1 MB; sen2 is at 18 MB; wait 10 s; sen2 becomes KILLED
            until nobody serves; sen1 becomes HEALTHY; wait 10 s; calls ~ promote sen1
            hook 0 ends DONE; until sen1 serves
          the bound is of no account where nobody is promoted
            sen1 becomes STANDBY; begin plain; sen1 is at 1 MB; sen2 is at 99 MB; wait 60 s
            sen1.data.lag.isBehind = true; sen1.data.tooFar = false; count.NoSuccessor = 0
          a process that has begun since knows no position of the primary
            both begin at 1 MB; sen2 is at 18 MB; wait 10 s; sen2 becomes KILLED
            until nobody serves; restart; sen1 becomes STANDBY; sen2 becomes KILLED
            sen1 is at 1 MB; begin required; wait 10 s; calls ~ promote sen1
          a planned switch to a server that is too far behind is refused
            both begin at 1 MB; sen2 is at 18 MB; wait 10 s
            plan sen1 within 10 s -> conflict ~ "server sen1 is 17 MB behind server sen2"
            pool.planned = null; plan sen1 accepting its loss
            all loops pause; the hook ends DONE; the hook ends DONE; sen1 becomes HEALTHY
            until sen1 serves; phase = MOVED
          """);

  private static Hook hook(boolean required) {
    return new Hook("http://hooks.example/", List.of(), Map.of(), Duration.ofSeconds(5), required);
  }

  @AutoClose private final Stage stage;

  MonitorLagTest(@TempDir Path directory) {
    Pool required = with(database(), new HookSettings(hook(false), hook(true)));
    PromotionSettings any = new PromotionSettings(0, Duration.ZERO, true);
    stage =
        new Stage(directory)
            .pool("plain", database())
            .pool("required", required)
            .pool("any-lag", TestPools.like(required).promotion(any).build())
            .verb(
                "(\\S+) is at (\\d+) MB",
                on -> isAt(new ServerId(on.group(1)), Long.parseLong(on.group(2))))
            .command(
                "plan sen1 accepting its loss",
                on ->
                    stage()
                        .monitor()
                        .commands()
                        .planSwitch(SensePool.SENSE, request().acceptingLoss()))
            .means(
                "both begin at 1 MB",
                "sen1 is at 1 MB; sen2 is at 1 MB; sen1 becomes STANDBY; begin required; wait 10"
                    + " s");
  }

  private Stage stage() {
    return stage;
  }

  private static SwitchRequest request() {
    return new SwitchRequest(SensePool.BACKUP, Duration.ofSeconds(10), false, null, Bench.ALICE);
  }

  private void isAt(ServerId server, long megabytes) {
    stage.bench.prober.position(server, "offset 8371b4 " + (megabytes << 20));
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void whose_data_is_too_far_behind_waits_for_an_operator(Story story) {
    stage.play(story);
  }
}
