package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.CheckAges;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.SnapshotPublisher;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a later overview says that an earlier one did not. */
class OverviewTest {
  private final SnapshotPublisher pools =
      new SnapshotPublisher() {
        @Override
        public Instant now() {
          return States.NOW;
        }
      };
  private final Statistics statistics = new Statistics(pools, new FakeTotals(), () -> 0, () -> 0);

  private static PoolState pool(String name, States.Is master) {
    return States.failover(name).master("m", master).backup("b", States.up()).serving("m").state();
  }

  private static PoolState pool(String name) {
    return pool(name, States.up());
  }

  private static States.Is checked(long tookMillis, String detail) {
    Duration took = Duration.ofMillis(tookMillis);
    Instant at = States.NOW.minus(took);
    return States.up().probed(new ServerState.LastProbe(at, took, ProbeOutcome.OK, detail));
  }

  private Overview of(PoolState... states) {
    pools.publish(states);
    return statistics.overview();
  }

  private static List<String> names(List<PoolOverview> pools) {
    return pools.stream().map(pool -> pool.name().value()).toList();
  }

  @Test
  void pools_that_stay_as_they_are_are_left_out() {
    Overview before = of(pool("a"), pool("b"));
    Overview.Delta delta = of(pool("a"), pool("b")).since(before);
    assertThat(delta).isEqualTo(new Overview.Delta(List.of(), List.of(), List.of()));
  }

  @Test
  void a_changed_pool_and_a_new_one_come_whole_the_worst_first() {
    Overview before = of(pool("a"), pool("b"));
    Overview.Delta delta = of(pool("a"), pool("b", States.up().drain()), pool("0")).since(before);
    assertThat(names(delta.changed())).containsExactly("b", "0");
    assertThat(delta.removed()).isEmpty();
  }

  @Test
  void removed_pools_are_named_in_order() {
    Overview before = of(pool("c"), pool("a"), pool("b"));
    Overview.Delta delta = of(pool("b")).since(before);
    assertThat(delta.changed()).isEmpty();
    assertThat(delta.removed()).containsExactly(new PoolId("a"), new PoolId("c"));
  }

  @Test
  void a_pool_that_was_probed_again_with_the_same_result_is_not_changed() {
    Overview before = of(pool("a", checked(2, "status 200")), pool("b", checked(2, "status 200")));
    Overview.Delta delta =
        of(pool("a", checked(3, "status 200")), pool("b", checked(3, "status 204"))).since(before);
    assertThat(names(delta.probed())).containsExactly("a");
    assertThat(names(delta.changed())).containsExactly("b");
  }

  @Test
  void a_check_that_failed_again_as_before_is_no_change() {
    Overview before = of(pool("a", States.down(Duration.ZERO, ProbeOutcome.TIMED_OUT, "late")));
    statistics.probed(
        new PoolId("a"), new ServerId("m"), ProbeOutcome.TIMED_OUT, Duration.ofSeconds(1));
    Overview after = of(pool("a", States.down(Duration.ZERO, ProbeOutcome.TIMED_OUT, "late")));
    assertThat(after.pools().get(0).servers().get(0).checksFailed()).isEqualTo(1);
    assertThat(names(after.since(before).probed())).containsExactly("a");
  }

  @Test
  void late_checks_are_told_and_are_a_change_at_each_check_that_counts() {
    Duration age = Duration.ofSeconds(42);
    Overview before = of(pool("a"));
    Overview late = of(pool("a", States.up().late(age)));
    Overview later = of(pool("a", States.up().late(Duration.ofSeconds(41))));
    PoolOverview pool = late.pools().getFirst();

    assertThat(before.pools().getFirst().checks()).isNull();
    assertThat(before.pools().getFirst().servers())
        .extracting(ServerOverview::checks)
        .containsOnlyNulls();
    assertThat(pool.checks()).isEqualTo(new CheckAges(2, 1, States.NOW.minus(age)));
    assertThat(pool.servers())
        .extracting(ServerOverview::checks)
        .containsExactly(new ServerState.Checks(States.NOW.minus(age), true), null);
    assertThat(late.since(before).changed()).hasSize(1);
    assertThat(later.since(late).changed()).hasSize(1);
    assertThat(before.since(late).changed()).hasSize(1);
  }

  @Test
  void a_first_probe_is_a_change() {
    Overview before = of(pool("a", States.up().probed(null)));
    assertThat(names(of(pool("a", checked(3, "status 200"))).since(before).changed()))
        .containsExactly("a");
  }
}
