package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
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

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitorReloadTest {
  private static final PoolId OTHER = new PoolId("other");
  private static final ServerId THIRD = new ServerId("sen3");

  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void a_pool_that_a_new_file_does_not_concern_keeps_everything() {
    bench.begin(sense());
    bench.result(bench.monitor.switchTo(SENSE, BACKUP, null));
    bench.advance(1_000);
    PoolState before = bench.pool();
    long probes = bench.prober.probes(MASTER);
    bench.apply(sense(), pool(OTHER, server(THIRD, "192.0.2.3", Rank.MASTER)));
    assertThat(bench.pool()).isSameAs(before);
    assertThat(bench.prober.probes(MASTER)).isEqualTo(probes);
  }

  @Test
  void servers_that_a_changed_pool_keeps_keep_everything() {
    bench.begin(sense());
    bench.result(bench.monitor.setState(SENSE, BACKUP, OperatorState.DRAIN, false, null));
    ServerState master = bench.server(MASTER);
    ServerState backup = bench.server(BACKUP);
    Server limited =
        TestServers.of(MASTER, master.server().address(), Rank.MASTER, OptionalInt.of(500));
    bench.apply(
        with(
            with(sense(), limited, backup("192.0.2.1"), server(THIRD, "192.0.2.3", Rank.BACKUP)),
            Policy.MANUAL));
    for (ServerState before : List.of(master, backup)) {
      ServerState after = bench.server(before.server().id());
      assertThat(after.traffic()).isSameAs(before.traffic());
      assertThat(after.incarnation()).isEqualTo(before.incarnation());
      assertThat(after.status()).isEqualTo(HealthStatus.UP);
      assertThat(after.statusSince()).isEqualTo(before.statusSince());
      assertThat(after.operatorState()).isEqualTo(before.operatorState());
    }
    assertThat(bench.server(MASTER).server().settings().maxRequests()).hasValue(500);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().epoch()).isEqualTo(1);
    assertThat(bench.server(THIRD).status()).isEqualTo(HealthStatus.UNKNOWN);
    bench.advance(10);
    assertThat(bench.server(THIRD).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void new_health_settings_keep_the_status_and_hold_from_the_next_probe_on() {
    bench.begin(sense());
    ServerState before = bench.server(MASTER);
    HealthSettings old = HealthSettings.DEFAULT;
    HealthSettings slower =
        TestSettings.health(
            old.check(),
            Duration.ofSeconds(10),
            old.fastInterval(),
            old.downInterval(),
            old.timeout(),
            old.fall(),
            old.rise());
    bench.apply(with(sense(), slower));
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.server(MASTER).incarnation()).isEqualTo(before.incarnation());
    bench.advance(30_000);
    assertThat(bench.prober.starts(MASTER)).containsExactly(0L, 10_000L, 20_000L, 30_000L);
  }

  @Test
  void a_changed_address_makes_another_server_of_it() {
    bench.begin(sense());
    ServerState before = bench.server(MASTER);
    bench.prober.set("192.0.2.9", Behaviour.FROZEN);
    bench.apply(with(sense(), master("192.0.2.9"), backup("192.0.2.1")));
    ServerState after = bench.server(MASTER);
    assertThat(after.incarnation()).isNotEqualTo(before.incarnation());
    assertThat(after.status()).isEqualTo(HealthStatus.UNKNOWN);
    assertThat(after.address().getAddress().getHostAddress()).isEqualTo("192.0.2.9");
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.reasons()).containsExactly(SwitchReason.INITIAL, SwitchReason.CONFIGURATION);
    bench.advance(1_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    bench.prober.set("192.0.2.9", Behaviour.HEALTHY);
    bench.advanceUntilServing(MASTER);
    assertThat(bench.reasons()).endsWith(SwitchReason.FAILBACK);
  }

  @Test
  void a_response_to_a_probe_of_the_old_address_is_no_evidence_for_the_new_one() {
    bench.begin(sense());
    bench.prober.set("192.0.2.2", Behaviour.FROZEN);
    bench.advance(1_500);
    bench.apply(with(sense(), master("192.0.2.9"), backup("192.0.2.1")));
    bench.advance(10);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    bench.advance(5_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void a_response_to_the_check_before_is_neither_counted_nor_shown() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.ILL);
    bench.advance(1_002);
    HealthSettings old = HealthSettings.DEFAULT;
    HttpCheck other =
        new HttpCheck(
            "GET", "/other", null, List.of(), Expectation.DEFAULT, null, CheckConnection.DEFAULT);
    bench.prober.set(MASTER, Behaviour.SLOW);
    bench.apply(
        with(
            sense(),
            TestSettings.health(
                other,
                old.interval(),
                old.fastInterval(),
                old.downInterval(),
                old.timeout(),
                old.fall(),
                old.rise())));
    bench.advance(100);
    assertThat(bench.outcomes).contains(ProbeOutcome.BAD_STATUS);
    assertThat(bench.server(MASTER).lastProbe().outcome()).isEqualTo(ProbeOutcome.OK);
  }

  @Test
  void a_serving_server_that_is_removed_hands_the_role_over() {
    bench.begin(sense());
    bench.apply(with(sense(), backup("192.0.2.1")));
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.reasons()).containsExactly(SwitchReason.INITIAL, SwitchReason.CONFIGURATION);
  }

  @Test
  void a_removed_server_is_probed_no_more() {
    bench.begin(sense(), pool(OTHER, server(THIRD, "192.0.2.3", Rank.MASTER)));
    bench.apply(with(sense(), master("192.0.2.2")));
    long backup = bench.prober.probes(BACKUP);
    long third = bench.prober.probes(THIRD);
    bench.advance(60_000);
    assertThat(bench.prober.probes(BACKUP)).isEqualTo(backup);
    assertThat(bench.prober.probes(THIRD)).isEqualTo(third);
    assertThat(bench.monitor.current().pool(OTHER)).isNull();
    assertThat(bench.pool().servers()).hasSize(1);
  }

  @Test
  void a_report_that_arrives_late_does_not_bring_a_removed_pool_back() {
    bench.begin(sense());
    var applied = bench.monitor.apply(List.of());
    bench.monitor.trouble(bench.server(MASTER), Trouble.BROKEN, bench.scheduler.now(), "reset");
    bench.scheduler.settle();
    assertThat(applied.toCompletableFuture()).isCompleted();
    bench.advance(10_000);
    assertThat(bench.monitor.current().pools()).isEmpty();
  }

  @Test
  void a_pool_that_comes_back_goes_on_with_its_epoch() {
    bench.begin(sense());
    bench.result(bench.monitor.switchTo(SENSE, BACKUP, null));
    bench.apply();
    bench.apply(sense());
    bench.advance(10);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.pool().epoch()).isEqualTo(2);
  }

  @Test
  void a_pool_becomes_a_balance_pool_and_a_failover_pool_again() {
    bench.begin(sense());
    bench.apply(with(sense(), PoolMode.BALANCE));
    assertThat(bench.serving()).isNull();
    assertThat(bench.server(MASTER).usable()).isTrue();
    bench.apply(sense());
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void a_new_file_is_published_as_a_whole() {
    bench.begin(sense());
    List<Snapshot> published = new ArrayList<>();
    bench.monitor.subscribe(published::add);
    bench.apply(
        with(sense(), master("192.0.2.9"), backup("192.0.2.1")),
        pool(OTHER, server(THIRD, "192.0.2.3", Rank.MASTER)));
    assertThat(published).hasSize(1);
    assertThat(published.getFirst().byId()).containsOnlyKeys(SENSE, OTHER);
    assertThat(published.getFirst().pool(SENSE).serving().server().id()).isEqualTo(BACKUP);
  }

  @Test
  void two_pools_of_one_name_are_refused() {
    bench.begin(sense());
    assertThatThrownBy(() -> bench.monitor.apply(List.of(sense(), sense())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sense");
  }
}
