package dev.understudy.monitor;

import static dev.understudy.monitor.Bench.ALICE;
import static dev.understudy.monitor.SensePool.SENSE;

import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.network.Networks;
import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The maintenance of a whole pool, by one replica. */
class MonitorMaintenanceTest {
  static final List<Story> STORIES =
      Story.of(
          """
          that of a pool of mode {sense|balance} is begun, changed and ended by operators, whom events name
            begin {}; maintain; pool.maintenance.allow.texts = ""; pool.maintenance.until = null
            pool.maintenance.since = 2026-01-01T00:00:00Z; pool.maintenance.by = "alice: disk swap"
            maintain until 2026-01-03T00:00:00Z for 10.0.0.0/8 ::1
            pool.maintenance.until = 2026-01-03T00:00:00Z
            pool.maintenance.allow.texts = "10.0.0.0/8, ::1"
            ready; pool.maintenance = null
            all.PoolStateChanged.message = "Pool sense: an operator set it to maintenance, by alice: disk swap, Pool sense: an operator set it to maintenance until 2026-01-03 00:00:00 UTC; clients of 10.0.0.0/8, ::1 are served, by alice: disk swap, Pool sense: an operator ended its maintenance, by bob"
            all.PoolStateChanged.to = "MAINTENANCE, MAINTENANCE, READY"
          what is so already changes nothing
            begin sense; ready -> unchanged; maintain until 2026-01-01T01:00:00Z for ::1
            maintain by bob until 2026-01-01T01:00:00Z for ::1 -> unchanged
            pool.maintenance.by = "alice: disk swap"; count.PoolStateChanged = 1
            maintain another pool -> unknown
          that takes a pool of mode {sense|balance} from its clients wants to be forced, and a change of it does not
            begin {}; maintain unforced -> conflict ~ in maintenance, pool sense serves no clients
            maintain unforced but for ::1 -> conflict ~ except those of ::1
            pool.maintenance = null; maintain; maintain unforced but for ::1; pool.maintenance.allow.texts = "::1"
          it ends by itself at its time
            # The bench began a second ago.
            begin sense; maintain until 2026-01-01T00:20:00Z for nobody; wait 1198999 ms
            pool.maintenance != null; wait 1 ms; pool.maintenance = null
            all.PoolStateChanged.message = "Pool sense: an operator set it to maintenance until 00:20:00 UTC, by alice: disk swap, Pool sense: its maintenance has ended by itself"
            # It has ended.
            ready -> unchanged; maintain until 2026-01-01T00:50:00Z for nobody; wait 40 min
            count.PoolStateChanged = 4
          it ends at its time of the clock on the wall, which is three hours behind at first
            begin sense; maintain until 2026-01-01T04:00:00Z for nobody; the wall steps PT3H; wait 1 s
            pool.maintenance != null; wait 3597999 ms; pool.maintenance != null; wait 1 ms
            pool.maintenance = null; count.PoolStateChanged = 2
          it ends at once if the clock on the wall is set past its end, and stays so
            begin sense; maintain until 2026-01-01T02:00:00Z for nobody; the wall steps PT3H; wait 100 ms
            pool.maintenance = null; wait 240 min; count.PoolStateChanged = 2
          it lasts until its time where the clock on the wall is set back
            begin sense; maintain until 2026-01-01T00:20:00Z for nobody; the wall steps PT-3H; wait 180 min
            pool.maintenance != null; wait 1198 s; pool.maintenance != null; wait 1 s
            pool.maintenance = null; count.PoolStateChanged = 2
          checks and failover go on behind it
            begin sense; maintain; serving = sen2; ready = true
            sen2 becomes KILLED; until sen1 serves; pool.maintenance != null; switch to sen1
          that of a pool of mode {sense|balance} survives a restart and ends by itself then
            begin {}; maintain until 2026-01-01T00:10:00Z for 10.0.0.0/8
            keep pool.maintenance as maintenance; retain
            restart; apply {}; pool.maintenance = $maintenance; count.PoolStateChanged = 0
            wait 10 min; pool.maintenance = null
            maintain until 2026-01-01T00:30:00Z for nobody; ready
            restart; apply {}; pool.maintenance = null
            maintain until 2026-01-01T00:10:00Z for nobody; restart; apply nothing; retain
            # The pool was removed.
            restart; apply {}; pool.maintenance = null
          """);

  private static final Operator BOB = new Operator("bob", null);

  @AutoClose private final Stage stage;

  MonitorMaintenanceTest(@TempDir Path directory) {
    stage =
        new Stage(directory)
            .command("maintain", on -> set(maintenance(ALICE, null)))
            .command("maintain( by bob)? until (\\S+) for ([^-]+?)", this::maintain)
            .command(
                "maintain another pool",
                on ->
                    monitor()
                        .commands()
                        .setState(new PoolId("nowhere"), maintenance(BOB, Instant.MAX), true))
            .command(
                "maintain unforced( but for (\\S+))?",
                on ->
                    monitor()
                        .commands()
                        .setState(
                            SENSE,
                            on.group(2) == null
                                ? maintenance(ALICE, null)
                                : maintenance(ALICE, null, on.group(2)),
                            false))
            .command("ready", on -> set(PoolMaintenance.ended(monitor().now(), BOB)))
            .verb("retain", on -> retain());
  }

  private Monitor monitor() {
    return stage.monitor();
  }

  private static PoolMaintenance maintenance(
      Operator by, @Nullable Instant until, String... allow) {
    return new PoolMaintenance(true, FakeScheduler.START, until, Networks.of(List.of(allow)), by);
  }

  private CompletionStage<Result> set(PoolMaintenance next) {
    return monitor().commands().setState(SENSE, next, true);
  }

  private CompletionStage<Result> maintain(MatchResult on) {
    String[] allow = on.group(3).equals("nobody") ? new String[0] : on.group(3).split(" ");
    Operator by = on.group(1) == null ? ALICE : BOB;
    return set(maintenance(by, Instant.parse(on.group(2)), allow));
  }

  private void retain() {
    monitor().retain();
    stage.bench.scheduler.advance(Duration.ofMillis(1));
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_pool_is_maintained(Story story) {
    stage.play(story);
  }
}
