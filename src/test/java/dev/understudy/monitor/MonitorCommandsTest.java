package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.snapshot.PoolState;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class MonitorCommandsTest {
  static final List<Story> STORIES =
      Story.of(
          """
          a serving server that is taken out for {DRAIN|MAINTENANCE} hands the role over and gets it back
            begin sense; set sen2 to {}; serving = sen1
            sen2.operatorState = {}; sen2.usable = false
            set sen2 to READY; serving = sen2; reasons = "INITIAL, OPERATOR, FAILBACK"
            all.OperatorStateChanged.to = "{}, READY"
          sessions of the serving server stay while it is drained and have to leave afterwards
            begin manual; set sen2 to DRAIN; wait 60 s; sen2.leftServing = null
            set sen2 to READY; serving = sen1; keep now as then; sen2.leftServing = $then
          sessions stay on a server that is drained before they have left it
            begin sense; switch to sen1; wait 29 s; set sen2 to DRAIN; sen2.leftServing = null
          sessions do not stay on a server that is drained after they have left it
            begin sense; switch to sen1; wait 30 s; set sen2 to DRAIN; sen2.leftServing != null
          a server that has no sessions gets none by being drained
            # 30 s ago, so that all time to leave is over.
            begin sense; sen1.leftServing = null; keep now as then; wait 30 s
            set sen1 to DRAIN; sen1.leftServing = $then
            set sen1 to READY; sen1.leftServing != null
          maintenance ends the sessions of a drained server
            begin sense; set sen2 to DRAIN; set sen2 to MAINTENANCE
            keep now as then; sen2.leftServing = $then
            # It had none.
            wait 30 s; set sen2 to DRAIN; sen2.leftServing != null
          the state it has already changes nothing
            begin sense; keep events as before; set sen2 to READY -> unchanged; events = $before
          taking out the only usable server for {DRAIN|MAINTENANCE} wants force
            sen1 becomes KILLED; begin sense; set sen2 to {} -> conflict ~ only usable
            serving = sen2; sen2.operatorState = READY
            force sen2 to {}; serving = null; last.Switched.reason = NO_SERVER
          maintenance of a server that is not usable wants no force
            sen1 becomes KILLED; begin sense; set sen1 to MAINTENANCE; serving = sen2
          a switch pins until auto
            begin sense; switch to sen1; serving = sen1; pool.pinned = sen1
            wait 60 s; serving = sen1
            switch to auto; pool.pinned = null; serving = sen2
            reasons = "INITIAL, OPERATOR, FAILBACK"; switch to auto -> unchanged
          under the manual policy auto moves nothing and a switch does
            begin manual; switch to sen1; switch to auto; wait 60 s; serving = sen1
            switch to sen2; serving = sen2
          a pin ends with a failover
            begin sense; switch to sen1; sen1 becomes KILLED; until sen2 serves; pool.pinned = null
            sen1 becomes HEALTHY; wait 60 s; serving = sen2
          a switch to the one that serves already makes no new epoch
            # It is pinned now.
            begin sense; switch to sen2; pool.epoch = 1; count.Switched = 1
            switch to sen2 -> unchanged
          a switch to a server that is not usable is a conflict that says why
            sen1 becomes ILL; begin sense
            switch to sen1 -> conflict ~ sen1
            switch to sen1 -> conflict ~ DOWN
            switch to sen1 -> conflict ~ status 503
            set sen1 to DRAIN; switch to sen1 -> conflict ~ drain; pool.epoch = 1
          a balance pool has no server to switch to
            begin balance; serving = null; sen2.usable = true
            switch to sen1 -> conflict; switch to auto -> conflict
            set sen1 to DRAIN; sen1.usable = false
          a name that does not exist is unknown
            begin sense; switch pool nowhere -> unknown ~ There is no pool nowhere
            drain in pool nowhere -> unknown
            switch to nobody-at-all -> unknown ~ There is no server nobody-at-all in pool sense
            set nobody-at-all to DRAIN -> unknown
          """);

  private static final PoolId NO_POOL = new PoolId("nowhere");

  @AutoClose
  private final Stage stage =
      new Stage()
          .command(
              "switch pool nowhere",
              on -> this.stage.monitor().commands().switchTo(NO_POOL, MASTER, null))
          .command(
              "drain in pool nowhere",
              on ->
                  this.stage
                      .monitor()
                      .commands()
                      .setState(NO_POOL, MASTER, OperatorState.DRAIN, false, null))
          .fact("events", () -> this.stage.bench.events());

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_command_has_its_result(Story story) {
    stage.play(story);
  }

  @Test
  void when_a_command_is_done_the_snapshot_shows_it() {
    stage.bench.begin(sense());
    AtomicReference<PoolState> seen = new AtomicReference<>();
    stage
        .monitor()
        .commands()
        .switchTo(SENSE, BACKUP, null)
        .thenAccept(result -> seen.set(stage.bench.pool()));
    stage.bench.scheduler.settle();
    assertThat(seen.get().isServing(BACKUP)).isTrue();
  }

  @Test
  void a_monitor_that_is_closed_takes_no_commands_and_no_configuration() {
    stage.bench.begin(sense());
    stage.monitor().close();
    assertThat(stage.bench.result(stage.monitor().commands().switchTo(SENSE, BACKUP, null)))
        .isInstanceOf(OperatorCommands.Result.Conflict.class);
    assertThat(stage.monitor().apply(List.of()).toCompletableFuture()).isCompletedExceptionally();
    assertThat(stage.bench.scheduler.pendingTimers()).isZero();
  }
}
