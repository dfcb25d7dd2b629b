package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.pool;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.server;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class MonitorReloadTest {
  static final List<Story> STORIES =
      Story.of(
          """
          servers that a changed pool keeps keep everything
            begin sense; set sen1 to DRAIN
            keep sen2.traffic as traffic2; keep sen1.traffic as traffic1
            keep sen2.incarnation as incarnation2; keep sen1.incarnation as incarnation1
            keep sen2.statusSince as since2; keep sen1.statusSince as since1
            apply changed
            sen2.traffic = $traffic2; sen1.traffic = $traffic1
            sen2.incarnation = $incarnation2; sen1.incarnation = $incarnation1
            sen2.status = UP; sen1.status = UP
            sen2.statusSince = $since2; sen1.statusSince = $since1
            sen2.operatorState = READY; sen1.operatorState = DRAIN
            sen2.server.settings.maxRequests = OptionalInt[500]
            serving = sen2; pool.epoch = 1; sen3.status = UNKNOWN; wait 10 ms; sen3.status = UP
          new health settings keep the status and hold from the next probe on
            begin sense; keep sen2.incarnation as before; apply slower
            sen2.status = UP; sen2.incarnation = $before; wait 30 s
            starts-of-sen2 = "0, 10000, 20000, 30000"
          a changed address makes another server of it
            begin sense; keep sen2.incarnation as before; 192.0.2.9 becomes FROZEN; apply moved
            sen2.incarnation != $before; sen2.status = UNKNOWN; sen2.address.host = 192.0.2.9
            serving = sen1; reasons = "INITIAL, CONFIGURATION"; wait 1 s; sen2.status = DOWN
            192.0.2.9 becomes HEALTHY; until sen2 serves; last.Switched.reason = FAILBACK
          a response to a probe of the old address is no evidence for the new one
            begin sense; 192.0.2.2 becomes FROZEN; wait 1500 ms; apply moved
            wait 10 ms; sen2.status = UP; wait 5 s; sen2.status = UP
          a response to the check before is neither counted nor shown
            begin sense; sen2 becomes ILL; wait 1002 ms; sen2 becomes SLOW; apply other-check
            wait 100 ms; outcomes = OK; sen2.lastProbe.outcome = OK
          a serving server that is removed hands the role over
            begin sense; apply backup-only; serving = sen1; reasons = "INITIAL, CONFIGURATION"
          a removed server is probed no more
            begin sense other; apply master-only; count probes of sen1 anew
            count probes of sen3 anew; wait 60 s; probes.sen1 = 0; probes.sen3 = 0
            pools.size = 1; servers = sen2
          a pool that comes back goes on with its epoch
            begin sense; switch to sen1; apply nothing; apply sense; wait 10 ms
            serving = sen1; pool.epoch = 2
          what was told of a pool that nobody served is over when a file removes it
            begin sense other; sen2 and sen1 become KILLED; until nobody serves; apply other
            count.NobodyServes = 1; last.NobodyServes.over = true
            last.NobodyServes.message = "Pool sense: nobody served it; it is removed"
          and when it balances
            begin sense; sen2 and sen1 become KILLED; until nobody serves; apply balance
            count.NobodyServes = 1; last.NobodyServes.over = true
            last.NobodyServes.message = "Pool sense: nobody served it; it balances now"
          likewise where nobody served from the start
            sen2 and sen1 become KILLED; begin sense; wait 30 s; apply nothing
            all.NobodyServes.over = "false, true"
          of a pool that was served there is nothing to end
            begin sense; apply nothing; count.NobodyServes = 0
            apply balance; count.NobodyServes = 0; apply nothing; count.NobodyServes = 0
          a pool becomes a balance pool and a failover pool again
            begin sense; apply balance; serving = null; sen2.usable = true
            apply sense; serving = sen2
          """);

  private static final PoolId OTHER = new PoolId("other");
  private static final ServerId THIRD = new ServerId("sen3");
  private static final Pool OTHERS = pool(OTHER, server(THIRD, "192.0.2.3", Rank.MASTER));
  private static final Pool MOVED = with(sense(), master("192.0.2.9"), backup("192.0.2.1"));

  @AutoClose
  private final Stage stage =
      new Stage()
          .pool("other", OTHERS)
          .pool("moved", MOVED)
          .pool("changed", changed())
          .pool("slower", checked(HealthSettings.DEFAULT.check(), Duration.ofSeconds(10)))
          .pool("other-check", otherCheck())
          .fact("starts-of-sen2", () -> bench().prober.starts(MASTER));

  private Bench bench() {
    return stage.bench;
  }

  private static Pool changed() {
    Server limited =
        TestServers.of(
            MASTER, sense().servers().getFirst().address(), Rank.MASTER, OptionalInt.of(500));
    return with(
        with(sense(), limited, backup("192.0.2.1"), server(THIRD, "192.0.2.3", Rank.BACKUP)),
        Policy.MANUAL);
  }

  private static Pool checked(Check check, Duration interval) {
    HealthSettings old = HealthSettings.DEFAULT;
    return with(
        sense(),
        TestSettings.health(
            check,
            interval,
            old.fastInterval(),
            old.downInterval(),
            old.timeout(),
            old.fall(),
            old.rise()));
  }

  private static Pool otherCheck() {
    return checked(
        new HttpCheck(
            "GET", "/other", null, List.of(), Expectation.DEFAULT, null, CheckConnection.DEFAULT),
        HealthSettings.DEFAULT.interval());
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_new_file_changes_what_it_concerns(Story story) {
    stage.play(story);
  }

  @Test
  void a_pool_that_a_new_file_does_not_concern_keeps_everything() {
    stage.play("begin sense; switch to sen1; wait 1 s; count probes of sen2 anew");
    PoolState before = bench().pool();
    stage.play("apply sense other; probes.sen2 = 0");
    assertThat(bench().pool()).isSameAs(before);
  }

  @Test
  void a_report_that_arrives_late_does_not_bring_a_removed_pool_back() {
    bench().begin(sense());
    var applied = bench().monitor.apply(List.of());
    bench()
        .monitor
        .trouble(bench().server(MASTER), Trouble.BROKEN, bench().scheduler.now(), "reset");
    bench().scheduler.settle();
    assertThat(applied.toCompletableFuture()).isCompleted();
    stage.play("wait 10 s; pools = \"\"");
  }

  @Test
  void a_new_file_is_published_as_a_whole() {
    bench().begin(sense());
    List<Snapshot> published = new ArrayList<>();
    bench().monitor.subscribe(published::add);
    bench().apply(MOVED, OTHERS);
    assertThat(published).hasSize(1);
    assertThat(published.getFirst().byId()).containsOnlyKeys(SENSE, OTHER);
    assertThat(published.getFirst().pool(SENSE).isServing(SensePool.BACKUP)).isTrue();
  }

  @Test
  void two_pools_of_one_name_are_refused() {
    bench().begin(sense());
    assertThatThrownBy(() -> bench().monitor.apply(List.of(sense(), sense())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sense");
  }
}
