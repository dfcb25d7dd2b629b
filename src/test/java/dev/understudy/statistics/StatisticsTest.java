package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ServerEvent;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.SnapshotPublisher;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The numbers of pools whose states, counters and time the test sets. */
class StatisticsTest {
  private static final PoolId SHOP = new PoolId("shop");
  private static final ServerId A = new ServerId("a");

  private Instant now = States.NOW;
  private long nanos;

  private final SnapshotPublisher pools =
      new SnapshotPublisher() {
        @Override
        public Instant now() {
          return now;
        }
      };
  private final FakeTotals totals = new FakeTotals();
  private final States shop =
      States.failover("shop")
          .server("a", Rank.MASTER, States.up(), OptionalInt.of(500))
          .backup("b", States.up())
          .serving("a");
  private final Statistics statistics = new Statistics(pools, totals, () -> 40, () -> nanos);

  private void pass(int seconds) {
    now = now.plusSeconds(seconds);
    nanos += TimeUnit.SECONDS.toNanos(seconds);
  }

  private PoolOverview pool(String name) {
    return statistics.overview().pools().stream()
        .filter(pool -> pool.name().value().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private ServerOverview a() {
    return pool("shop").servers().get(0);
  }

  @Test
  void pools_come_worst_first_and_then_by_name() {
    pools.publish(
        shop.state(),
        States.failover("art").master("m", States.up()).serving("m").state(),
        States.failover("zoo").master("m", States.up().maintenance()).state(),
        States.failover("pay")
            .master("m", States.down(Duration.ZERO, ProbeOutcome.TIMED_OUT, "no response in time"))
            .backup("n", States.up())
            .serving("n")
            .state(),
        States.failover("law")
            .master("m", States.up().drain())
            .backup("n", States.up())
            .serving("n")
            .state());

    Overview overview = statistics.overview();

    assertThat(overview.pools())
        .extracting(pool -> pool.name().value())
        .containsExactly("zoo", "pay", "law", "art", "shop");
    assertThat(overview.totals().pools()).isEqualTo(5);
    assertThat(overview.totals().well()).isEqualTo(2);
    assertThat(overview.totals().degraded()).isEqualTo(2);
    assertThat(overview.totals().nobody()).isEqualTo(1);
  }

  @Test
  void requests_count_for_their_server_their_pool_and_in_all() {
    pools.publish(shop.state());
    totals.add("r", SHOP, A, 2, 30);
    totals.add("r", SHOP, null, 5, 10);
    totals.add(null, null, null, 4, 20);
    pass(10);

    Overview overview = statistics.overview();

    assertThat(overview.totals().requestsPerSecond()).isEqualTo(6);
    assertThat(overview.totals().errorsPerSecond()).isEqualTo(1);
    PoolOverview pool = overview.pools().get(0);
    assertThat(pool.requestsPerSecond()).isEqualTo(4);
    assertThat(pool.errorsPerSecond()).isEqualTo(1);
    assertThat(pool.servers().get(0).requestsPerSecond()).isEqualTo(3);
    assertThat(pool.servers().get(0).bytesOutPerSecond()).isEqualTo(3);
    assertThat(pool.servers().get(1).requestsPerSecond()).isZero();
    assertThat(statistics.routeRates()).containsExactly(Map.entry("r", 4.0));
  }

  @Test
  void live_counters_are_read_as_they_are() {
    var state = shop.state();
    pools.publish(state);
    var counters = state.servers().get(0).traffic();
    counters.requests().set(3);
    counters.queue().set(2);
    counters.tunnels().set(5);
    counters.retries().set(20);
    counters.sessions().seen(17, now);
    totals.held(4);
    pass(10);

    Overview overview = statistics.overview();

    ServerOverview a = overview.pools().get(0).servers().get(0);
    assertThat(List.of(a.inFlight(), a.queued(), a.tunnels(), a.sessions()))
        .containsExactly(3, 2, 5, 1);
    assertThat(a.retries()).isEqualTo(20);
    assertThat(overview.pools().get(0).retriesPerSecond()).isEqualTo(2);
    assertThat(overview.pools().get(0).held()).isEqualTo(4);
    assertThat(overview.totals())
        .extracting(
            Overview.Totals::inFlight,
            Overview.Totals::held,
            Overview.Totals::tunnels,
            Overview.Totals::clientConnections)
        .containsExactly(3L, 4L, 5L, 40);
  }

  @Test
  void the_strip_is_kept_while_nobody_looks() {
    pools.publish(shop.state());
    for (int i = 0; i < 12; i++) {
      statistics.sample();
      pass(5);
    }
    assertThat(a().minutes()).isEqualTo(".".repeat(55) + "SSSSS");
    assertThat(pool("shop").servers().get(1).minutes()).isEqualTo(".".repeat(55) + "uuuuu");
  }

  @Test
  void an_outage_between_two_samples_shows_in_strip_and_downtime() {
    pools.publish(shop.state());
    statistics.sample();
    pass(1);
    health(HealthStatus.UP, HealthStatus.DOWN);
    pass(2);
    health(HealthStatus.DOWN, HealthStatus.UP);
    pass(1);

    assertThat(a().minutes()).endsWith("d");
    assertThat(a().downtimeSeconds()).isEqualTo(2);
  }

  private void health(HealthStatus from, HealthStatus to) {
    Event event = new ServerEvent.HealthChanged(SHOP, A, from, to, 1, "evidence", "message");
    statistics.happened(new EventLog.Entry(1, now, event));
  }

  @Test
  void checks_that_failed_are_counted_and_forgotten_with_their_server() {
    pools.publish(shop.state());
    statistics.probed(SHOP, A, ProbeOutcome.OK, Duration.ZERO);
    statistics.probed(SHOP, A, ProbeOutcome.BAD_STATUS, Duration.ZERO);
    statistics.probed(SHOP, A, ProbeOutcome.TIMED_OUT, Duration.ZERO);
    assertThat(a().checksFailed()).isEqualTo(2);

    pools.publish();
    statistics.sample();
    pools.publish(shop.state());
    assertThat(a().checksFailed()).isZero();
  }

  @Test
  void limits_name_the_pool_and_the_server_that_are_nearest() {
    var state = shop.state();
    var other =
        States.failover("art")
            .server("m", Rank.MASTER, States.up(), OptionalInt.of(10))
            .serving("m")
            .state();
    pools.publish(state, other);
    state.servers().get(0).traffic().requests().set(40);
    other.servers().get(0).traffic().requests().set(2);

    assertThat(LimitUse.nearest(pools.current(), id -> id.equals(SHOP) ? 7 : 0))
        .containsExactly(
            new LimitUse("held requests of shop", 7, 1024),
            new LimitUse("requests of art/m", 2, 10));
  }
}
