package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.HookCall;
import dev.understudy.monitor.HookCaller;
import dev.understudy.monitor.PoolState;
import dev.understudy.network.Networks;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.Outcomes;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Prometheus sees, read from a real scrape. */
class MetricsTest {
  private static final PoolId SENSE = new PoolId("sense");
  private static final ServerId SEN1 = new ServerId("sen1");
  private static final ServerId SEN2 = new ServerId("sen2");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final PublishedPools pools = new PublishedPools();
  private final AtomicInteger connections = new AtomicInteger();
  private Metrics metrics;

  @BeforeEach
  void start() {
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 7, "sen2", "sen1"));
    metrics =
        new Metrics(registry, registry.getPrometheusRegistry(), Map.of(), pools, connections::get);
  }

  @AfterEach
  void stop() {
    metrics.close();
  }

  @Test
  void relayed_connections_are_in_the_totals_and_those_that_failed_as_errors() {
    relayed(ConnectionEnd.CLOSED, SEN2);
    relayed(ConnectionEnd.CLOSED, SEN2);
    relayed(ConnectionEnd.SERVER_FAILED, SEN2);
    relayed(ConnectionEnd.NO_SERVER, null);
    List<String> seen = new ArrayList<>();
    metrics.forEach(
        (route, pool, server, statusClass, end, durations, in, out) ->
            seen.add(
                "%s %s %d %s %d %d %d"
                    .formatted(
                        pool, server, statusClass, end, Arrays.stream(durations).sum(), in, out)));
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "sense sen2 0 TUNNEL_CLOSED 2 6 8",
            "sense sen2 5 TUNNEL_BROKEN 1 3 4",
            "sense null 5 TUNNEL_BROKEN 1 3 4");
  }

  private void relayed(ConnectionEnd end, ServerId server) {
    metrics.ended(
        new ConnectionOutcome(
            "pg",
            null,
            SENSE,
            server,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
            end,
            1,
            0,
            5,
            3,
            4));
  }

  @Test
  void all_names_are_those_that_dashboards_rely_on() {
    metrics.ended(
        metrics.route("sense"),
        Outcomes.of(SENSE, SEN2, 200, RequestEnd.COMPLETED, 1_000_000, 0, 0));
    metrics.retried(SENSE, RetryReason.CONNECT_FAILED);
    metrics.probed(SENSE, SEN2, ProbeOutcome.OK, Duration.ofMillis(3));
    switched(SEN2, SEN1, SwitchReason.HEALTH_CHECK_FAILED, Duration.ofMillis(180));
    planned(SwitchPhase.MOVED, Duration.ofMillis(40));
    hookCalled(SwitchFacts.Call.DONE);
    Set<String> families =
        registry
            .scrape()
            .lines()
            .filter(line -> line.startsWith("# TYPE "))
            .map(line -> line.substring("# TYPE ".length()))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(families)
        .containsExactly(
            "understudy_client_connections gauge",
            "understudy_config_last_reload_successful gauge",
            "understudy_held_bytes gauge",
            "understudy_held_requests gauge",
            "understudy_hook_seconds histogram",
            "understudy_hook_seconds_max gauge",
            "understudy_limited_total counter",
            "understudy_pool_epoch gauge",
            "understudy_pool_maintenance gauge",
            "understudy_probe_seconds summary",
            "understudy_probe_seconds_max gauge",
            "understudy_requests_seconds histogram",
            "understudy_requests_seconds_max gauge",
            "understudy_retries_total counter",
            "understudy_server_info gauge",
            "understudy_server_queue gauge",
            "understudy_server_requests gauge",
            "understudy_server_serving gauge",
            "understudy_server_up gauge",
            "understudy_sessions gauge",
            "understudy_switch_pause_seconds histogram",
            "understudy_switch_pause_seconds_max gauge",
            "understudy_switch_seconds histogram",
            "understudy_switch_seconds_max gauge",
            "understudy_switches_total counter",
            "understudy_tunnels gauge");
  }

  /** A fleet of hundreds of pools would have ten times as many series. */
  @Test
  void what_never_happened_and_what_is_not_set_has_no_series() {
    pools.publish(pools.plain("quiet", "a", "b"));
    metrics.probed(new PoolId("quiet"), new ServerId("a"), ProbeOutcome.OK, Duration.ofMillis(3));
    assertThat(registry.scrape().lines().filter(line -> line.contains("pool=\"quiet\"")))
        .map(line -> line.replaceFirst(" .*", "").replace("pool=\"quiet\"", "pool"))
        .containsExactlyInAnyOrder(
            "understudy_held_bytes{pool}",
            "understudy_held_requests{pool}",
            "understudy_pool_epoch{pool}",
            "understudy_pool_maintenance{pool}",
            "understudy_probe_seconds_count{outcome=\"OK\",pool,server=\"a\"}",
            "understudy_probe_seconds_sum{outcome=\"OK\",pool,server=\"a\"}",
            "understudy_probe_seconds_max{outcome=\"OK\",pool,server=\"a\"}",
            "understudy_server_info{pool,role=\"master\",server=\"a\"}",
            "understudy_server_info{pool,role=\"backup\",server=\"b\"}",
            "understudy_server_requests{pool,server=\"a\"}",
            "understudy_server_requests{pool,server=\"b\"}",
            "understudy_server_serving{pool,server=\"a\"}",
            "understudy_server_serving{pool,server=\"b\"}",
            "understudy_server_up{pool,server=\"a\"}",
            "understudy_server_up{pool,server=\"b\"}",
            "understudy_tunnels{pool,server=\"a\"}",
            "understudy_tunnels{pool,server=\"b\"}");
  }

  @Test
  void a_pool_in_maintenance_has_a_one() {
    pools.publish(pools.plain("quiet", "a", "b"));
    assertThat(value("understudy_pool_maintenance{pool=\"quiet\"}")).isEqualTo("0.0");
    pools.maintenance = new PoolMaintenance(true, Instant.EPOCH, null, Networks.NONE, null);
    pools.publish(pools.plain("quiet", "a", "b"));
    assertThat(value("understudy_pool_maintenance{pool=\"quiet\"}")).isEqualTo("1.0");
  }

  @Test
  void meters_follow_the_settings_that_they_are_for() {
    pools.publish(pools.plain("sense", "sen2", "sen1"));
    assertThat(registry.scrape())
        .doesNotContain("understudy_sessions{", "understudy_server_queue{");
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 7, "sen2", "sen1"));
    assertThat(registry.scrape()).contains("understudy_sessions{", "understudy_server_queue{");
  }

  @Test
  void gauges_follow_the_newest_snapshot() {
    assertThat(value("understudy_server_up{pool=\"sense\",server=\"sen2\"}")).isEqualTo("1.0");
    assertThat(value("understudy_server_up{pool=\"sense\",server=\"sen1\"}")).isEqualTo("0.0");
    assertThat(value("understudy_server_serving{pool=\"sense\",server=\"sen2\"}")).isEqualTo("1.0");
    assertThat(value("understudy_pool_epoch{pool=\"sense\"}")).isEqualTo("7.0");
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 8, "sen1", "sen2"));
    assertThat(value("understudy_server_up{pool=\"sense\",server=\"sen2\"}")).isEqualTo("0.0");
    assertThat(value("understudy_server_serving{pool=\"sense\",server=\"sen2\"}")).isEqualTo("0.0");
    assertThat(value("understudy_server_serving{pool=\"sense\",server=\"sen1\"}")).isEqualTo("1.0");
    assertThat(value("understudy_pool_epoch{pool=\"sense\"}")).isEqualTo("8.0");
  }

  @Test
  void the_role_of_a_server_is_a_label_that_follows_the_file() {
    assertThat(roles()).containsExactly("sen1 backup 1", "sen2 master 1");
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 7, "sen1", "sen2"));
    assertThat(roles()).containsExactly("sen1 master 1", "sen2 backup 1");
    pools.publish(pools.pool("sense", PoolMode.BALANCE, 0, "sen1"));
    assertThat(roles()).containsExactly("sen1 master 1");
    pools.publish(pools.pool("other", PoolMode.FAILOVER, 1, "o1"));
    assertThat(roles()).containsExactly("o1 master 1");
  }

  @Test
  void tunnels_requests_and_connections_are_counted_as_they_come_and_go() {
    pools.traffic("sen2").tunnels().set(5);
    pools.traffic("sen2").requests().set(7);
    pools.traffic("sen2").queue().set(4);
    pools.traffic("sen2").sessions().seen(1, pools.now());
    pools.traffic("sen2").sessions().seen(2, pools.now());
    connections.set(9);
    pools.poolTraffic.heldBytes().set(11);
    metrics.held(SENSE, 3);
    metrics.held(SENSE, -1);
    assertThat(value("understudy_tunnels{pool=\"sense\",server=\"sen2\"}")).isEqualTo("5.0");
    assertThat(value("understudy_sessions{pool=\"sense\",server=\"sen2\"}")).isEqualTo("2.0");
    assertThat(value("understudy_held_requests{pool=\"sense\"}")).isEqualTo("2.0");
    assertThat(value("understudy_held_bytes{pool=\"sense\"}")).isEqualTo("11.0");
    assertThat(value("understudy_server_requests{pool=\"sense\",server=\"sen2\"}"))
        .isEqualTo("7.0");
    assertThat(value("understudy_server_queue{pool=\"sense\",server=\"sen2\"}")).isEqualTo("4.0");
    assertThat(value("understudy_client_connections")).isEqualTo("9.0");
  }

  @Test
  void every_limit_is_counted_from_zero() {
    metrics.limited(Limit.CONNECTIONS);
    metrics.limited(Limit.CONNECTIONS);
    assertThat(value("understudy_limited_total{limit=\"CONNECTIONS\"}")).isEqualTo("2.0");
    assertThat(value("understudy_limited_total{limit=\"HEADER_TIME\"}")).isEqualTo("0.0");
  }

  @Test
  void a_request_is_counted_under_its_labels_with_the_status_as_a_class() {
    for (int status : new int[] {200, 204, 503}) {
      metrics.ended(
          metrics.route("sense"),
          Outcomes.of(SENSE, SEN2, status, RequestEnd.COMPLETED, 7_000_000, 0, 0));
    }
    String labels =
        "outcome=\"COMPLETED\",pool=\"sense\",route=\"sense\",server=\"sen2\",status=\"2xx\"";
    assertThat(value("understudy_requests_seconds_count{" + labels + "}")).isEqualTo("2");
    assertThat(value("understudy_requests_seconds_sum{" + labels + "}")).isEqualTo("0.014");
    assertThat(value("understudy_requests_seconds_bucket{" + labels + ",le=\"0.005\"}"))
        .isEqualTo("0");
    assertThat(value("understudy_requests_seconds_bucket{" + labels + ",le=\"0.01\"}"))
        .isEqualTo("2");
    assertThat(registry.scrape()).contains("status=\"5xx\"} 1");
  }

  @Test
  void absent_labels_are_a_dash() {
    metrics.ended(metrics.route(null), Outcomes.of(null, null, 404, RequestEnd.NO_SERVER, 1, 0, 0));
    metrics.ended(
        metrics.route("sense"), Outcomes.of(SENSE, null, 0, RequestEnd.NO_SERVER, 1, 0, 0));
    assertThat(registry.scrape())
        .contains(
            "{outcome=\"NO_SERVER\",pool=\"-\",route=\"-\",server=\"-\",status=\"4xx\"} 1",
            "{outcome=\"NO_SERVER\",pool=\"sense\",route=\"sense\",server=\"-\",status=\"-\"} 1");
  }

  @Test
  void statuses_that_are_none_make_no_label_of_their_own() {
    for (int status : new int[] {-1, 0, 99, 600, Integer.MAX_VALUE}) {
      metrics.ended(
          metrics.route("sense"), Outcomes.of(SENSE, SEN2, status, RequestEnd.COMPLETED, 1, 0, 0));
    }
    assertThat(timeSeries()).isEqualTo(1);
  }

  @Test
  void a_call_of_a_hook_is_timed_by_its_outcome() {
    hookCalled(SwitchFacts.Call.UNCERTAIN);
    hookCalled(SwitchFacts.Call.UNCERTAIN);
    assertThat(
            value(
                "understudy_hook_seconds_count{hook=\"demote\",outcome=\"UNCERTAIN\",pool=\"sense\"}"))
        .isEqualTo("2");
  }

  @Test
  void calls_that_are_owed_are_shown_for_pools_with_hooks() {
    pools.publish(
        pools.owing("owing", new OwedHooks(null, Map.of(SEN2, Instant.EPOCH), SEN1, false)));
    assertThat(value("understudy_hooks_owed{pool=\"owing\"}")).isEqualTo("2.0");
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 7, "sen2", "sen1"));
    assertThat(registry.scrape()).doesNotContain("understudy_hooks_owed");
  }

  private void hookCalled(SwitchFacts.Call outcome) {
    PoolState pool = Objects.requireNonNull(pools.current().pool(SENSE));
    HookCall call =
        new HookCall(
            pool.pool(),
            false,
            pool.servers().getFirst().server(),
            SEN2,
            SEN1,
            2,
            SwitchReason.CONNECTION_FAILED,
            "evidence",
            null,
            false,
            Duration.ofSeconds(5));
    metrics.called(call, new HookCaller.Result(outcome, "status 200", Duration.ofMillis(40)));
  }

  @Test
  void a_planned_switch_is_timed_by_its_outcome_if_it_held_clients() {
    planned(SwitchPhase.PAUSING, null);
    planned(SwitchPhase.MOVED, Duration.ofMillis(40));
    planned(SwitchPhase.GIVEN_UP, null);
    assertThat(value("understudy_switch_pause_seconds_count{outcome=\"MOVED\",pool=\"sense\"}"))
        .isEqualTo("1");
    assertThat(
            value(
                "understudy_switch_pause_seconds_bucket{outcome=\"MOVED\",pool=\"sense\",le=\"0.05\"}"))
        .isEqualTo("1");
    assertThat(registry.scrape()).doesNotContain("GIVEN_UP", "PAUSING");
  }

  private void planned(SwitchPhase phase, @Nullable Duration paused) {
    happened(
        new Event.PlannedSwitchChanged(
            SENSE, "1-a", SEN2, SEN1, phase, 2, null, "", paused, null, "a sentence"));
  }

  @Test
  void a_switch_is_counted_with_its_reason_and_timed_where_something_failed() {
    switched(SEN2, SEN1, SwitchReason.HEALTH_CHECK_FAILED, Duration.ofMillis(180));
    switched(SEN1, SEN2, SwitchReason.FAILBACK, null);
    assertThat(value("understudy_switches_total{pool=\"sense\",reason=\"HEALTH_CHECK_FAILED\"}"))
        .isEqualTo("1.0");
    assertThat(value("understudy_switches_total{pool=\"sense\",reason=\"FAILBACK\"}"))
        .isEqualTo("1.0");
    assertThat(value("understudy_switch_seconds_count{pool=\"sense\"}")).isEqualTo("1");
    assertThat(value("understudy_switch_seconds_bucket{pool=\"sense\",le=\"0.25\"}"))
        .isEqualTo("1");
  }

  @Test
  void probes_are_timed_by_server_and_outcome() {
    metrics.probed(SENSE, SEN2, ProbeOutcome.TIMED_OUT, Duration.ofSeconds(1));
    assertThat(
            value(
                "understudy_probe_seconds_sum{outcome=\"TIMED_OUT\",pool=\"sense\",server=\"sen2\"}"))
        .isEqualTo("1.0");
  }

  @Test
  void retries_are_counted_by_reason() {
    metrics.retried(SENSE, RetryReason.CONNECT_FAILED);
    metrics.retried(SENSE, RetryReason.CONNECT_FAILED);
    assertThat(value("understudy_retries_total{pool=\"sense\",reason=\"CONNECT_FAILED\"}"))
        .isEqualTo("2.0");
  }

  @Test
  void a_refused_file_shows_until_one_is_applied() {
    assertThat(value("understudy_config_last_reload_successful")).isEqualTo("1.0");
    happened(new Event.ConfigurationRejected("gateway.yaml", List.of("bad"), "refused"));
    assertThat(value("understudy_config_last_reload_successful")).isEqualTo("0.0");
    happened(
        new Event.ConfigurationApplied("gateway.yaml", List.of(), List.of(), List.of(), "applied"));
    assertThat(value("understudy_config_last_reload_successful")).isEqualTo("1.0");
  }

  @Test
  void meters_of_a_removed_server_go_and_those_of_its_pool_stay() {
    useEverything();
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 7, "sen1"));
    assertThat(registry.scrape()).doesNotContain("sen2").contains("server=\"sen1\"");
    assertThat(value("understudy_switches_total{pool=\"sense\",reason=\"FAILBACK\"}"))
        .isEqualTo("1.0");
  }

  @Test
  void meters_of_a_server_that_goes_as_the_mode_changes_go_too() {
    useEverything();
    assertThat(registry.scrape()).contains("server=\"sen2\"");
    pools.publish(pools.pool("sense", PoolMode.BALANCE, 7, "sen1"));
    assertThat(registry.scrape()).doesNotContain("sen2").contains("server=\"sen1\"");
  }

  @Test
  void meters_of_a_removed_pool_go() {
    useEverything();
    pools.publish(pools.pool("other", PoolMode.FAILOVER, 1, "o1"));
    assertThat(registry.scrape()).doesNotContain("\"sense\",").contains("pool=\"other\"");
    metrics.held(SENSE, 1);
    metrics.retried(SENSE, RetryReason.CONNECT_FAILED);
    metrics.probed(SENSE, SEN2, ProbeOutcome.OK, Duration.ofMillis(3));
    switched(SEN1, SEN2, SwitchReason.FAILBACK, null);
    assertThat(registry.scrape()).doesNotContain("pool=\"sense\"");
  }

  @Test
  void meters_of_a_removed_route_go_and_late_requests_are_counted_without_it() {
    metrics.routes(Set.of("old", "kept"));
    metrics.ended(
        metrics.route("old"), Outcomes.of(SENSE, SEN2, 200, RequestEnd.COMPLETED, 1, 0, 0));
    metrics.ended(
        metrics.route("kept"), Outcomes.of(SENSE, SEN2, 200, RequestEnd.COMPLETED, 1, 0, 0));
    metrics.routes(Set.of("kept"));
    assertThat(registry.scrape()).doesNotContain("route=\"old\"").contains("route=\"kept\"");
    metrics.ended(
        metrics.route("old"), Outcomes.of(SENSE, SEN2, 200, RequestEnd.COMPLETED, 1, 0, 0));
    assertThat(registry.scrape()).doesNotContain("route=\"old\"").contains("route=\"-\"");
  }

  @Test
  void names_that_the_configuration_does_not_know_make_no_time_series() {
    metrics.routes(Set.of("sense"));
    for (int i = 0; i < 500; i++) {
      metrics.ended(
          metrics.route("r" + i),
          Outcomes.of(
              new PoolId("p" + i), new ServerId("s" + i), 200, RequestEnd.COMPLETED, 1, 0, 0));
    }
    assertThat(timeSeries()).isEqualTo(1);
  }

  @Test
  void a_balance_pool_has_neither_a_serving_server_nor_an_epoch() {
    pools.publish(pools.pool("sense", PoolMode.BALANCE, 0, "sen2", "sen1"));
    assertThat(registry.scrape())
        .doesNotContain("understudy_server_serving{", "understudy_pool_epoch{")
        .contains("understudy_server_up{");
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 9, "sen2", "sen1"));
    assertThat(value("understudy_pool_epoch{pool=\"sense\"}")).isEqualTo("9.0");
  }

  @Test
  void a_reload_that_changes_nothing_keeps_the_counts() {
    useEverything();
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 7, "sen2", "sen1"));
    assertThat(value("understudy_retries_total{pool=\"sense\",reason=\"CONNECT_FAILED\"}"))
        .isEqualTo("1.0");
    assertThat(timeSeries()).isEqualTo(1);
  }

  private void useEverything() {
    metrics.ended(
        metrics.route("sense"), Outcomes.of(SENSE, SEN2, 200, RequestEnd.COMPLETED, 1, 0, 0));
    metrics.retried(SENSE, RetryReason.CONNECT_FAILED);
    metrics.probed(SENSE, SEN2, ProbeOutcome.OK, Duration.ofMillis(3));
    metrics.held(SENSE, 1);
    switched(SEN1, SEN2, SwitchReason.FAILBACK, null);
  }

  private void switched(ServerId from, ServerId to, SwitchReason reason, Duration took) {
    happened(
        new Event.Switched(
            SENSE, from, to, reason, 8, "evidence", null, took, null, null, "message"));
  }

  private void happened(Event event) {
    metrics.happened(new EventLog.Entry(1, Instant.EPOCH, event));
  }

  private long timeSeries() {
    return registry
        .scrape()
        .lines()
        .filter(line -> line.startsWith("understudy_requests_seconds_count"))
        .count();
  }

  private List<String> roles() {
    String series =
        "understudy_server_info\\{pool=\"[a-z]+\",role=\"(.+)\",server=\"(.+)\"} (\\d).*";
    return registry
        .scrape()
        .lines()
        .filter(line -> line.startsWith("understudy_server_info"))
        .map(line -> line.replaceAll(series, "$2 $1 $3"))
        .sorted()
        .toList();
  }

  /** The value of exactly that time series. */
  private String value(String series) {
    List<String> found =
        registry.scrape().lines().filter(line -> line.startsWith(series + " ")).toList();
    assertThat(found).as(series).hasSize(1);
    return found.get(0).substring(series.length() + 1);
  }
}
