package dev.understudy.telemetry;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.network.Networks;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
    failover("sen2", "sen1");
    metrics =
        new Metrics(registry, registry.getPrometheusRegistry(), Map.of(), pools, connections::get);
  }

  @AfterEach
  void stop() {
    metrics.close();
  }

  private void assertScraped(String lines) {
    Scraped.assertScraped(registry, lines);
  }

  private void failover(String... servers) {
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 7, servers));
  }

  private void ended(String route, PoolId pool, ServerId server, int status) {
    metrics.ended(
        metrics.route(route), Outcomes.of(pool, server, status, RequestEnd.COMPLETED, 1, 0, 0));
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
    useEverything();
    switched(SEN2, SEN1, SwitchReason.HEALTH_CHECK_FAILED, Duration.ofMillis(180));
    planned(SwitchPhase.MOVED, Duration.ofMillis(40));
    hookCalled(SwitchFacts.Call.DONE);
    Map<String, String> families =
        registry
            .scrape()
            .lines()
            .filter(line -> line.startsWith("# TYPE understudy_"))
            .map(line -> line.substring("# TYPE understudy_".length()).split(" "))
            .sorted(Comparator.comparing(family -> family[0]))
            .collect(groupingBy(family -> family[1], mapping(family -> family[0], joining(" "))));
    assertThat(families)
        .isEqualTo(
            Map.of(
                "counter", "limited_total retries_total switches_total",
                "gauge",
                    "check_age_seconds checks_late client_connections config_last_reload_successful"
                        + " held_bytes held_requests hook_seconds_max pool_epoch pool_maintenance"
                        + " probe_seconds_max requests_seconds_max server_info server_queue"
                        + " server_requests server_serving server_up sessions"
                        + " switch_pause_seconds_max switch_seconds_max tunnels",
                "histogram", "hook_seconds requests_seconds switch_pause_seconds switch_seconds",
                "summary", "probe_seconds"));
    assertThat(registry.scrape().lines().filter(line -> line.startsWith("# TYPE")))
        .allMatch(line -> line.startsWith("# TYPE understudy_"));
  }

  /** A fleet of hundreds of pools would have ten times as many series. */
  @Test
  void what_never_happened_and_what_is_not_set_has_no_series() {
    pools.publish(pools.plain("quiet", "a", "b"));
    metrics.probed(new PoolId("quiet"), new ServerId("a"), ProbeOutcome.OK, Duration.ofMillis(3));
    assertThat(registry.scrape().lines().filter(line -> line.contains("pool=\"quiet\"")))
        .map(line -> line.replaceFirst(" .*", "").replace("pool=\"quiet\"", "pool"))
        .containsExactlyInAnyOrder(
            """
            understudy_check_age_seconds{pool,server="a"} understudy_check_age_seconds{pool,server="b"}
            understudy_checks_late{pool,server="a"} understudy_checks_late{pool,server="b"}
            understudy_held_bytes{pool} understudy_held_requests{pool}
            understudy_pool_epoch{pool} understudy_pool_maintenance{pool}
            understudy_probe_seconds_count{outcome="OK",pool,server="a"}
            understudy_probe_seconds_sum{outcome="OK",pool,server="a"}
            understudy_probe_seconds_max{outcome="OK",pool,server="a"}
            understudy_server_info{pool,role="master",server="a"}
            understudy_server_info{pool,role="backup",server="b"}
            understudy_server_requests{pool,server="a"} understudy_server_requests{pool,server="b"}
            understudy_server_serving{pool,server="a"} understudy_server_serving{pool,server="b"}
            understudy_server_up{pool,server="a"} understudy_server_up{pool,server="b"}
            understudy_tunnels{pool,server="a"} understudy_tunnels{pool,server="b"}
            """
                .split("\\s+"));
  }

  @Test
  void gauges_follow_the_newest_snapshot() {
    assertScraped(
        """
        server_up{pool="sense",server="sen2"} 1.0
        server_up{pool="sense",server="sen1"} 0.0
        server_serving{pool="sense",server="sen2"} 1.0
        pool_epoch{pool="sense"} 7.0
        """);
    pools.publish(pools.pool("sense", PoolMode.FAILOVER, 8, "sen1", "sen2"));
    assertScraped(
        """
        server_up{pool="sense",server="sen2"} 0.0
        server_serving{pool="sense",server="sen2"} 0.0
        server_serving{pool="sense",server="sen1"} 1.0
        pool_epoch{pool="sense"} 8.0
        pool_maintenance{pool="sense"} 0.0
        """);
    pools.checks = new ServerState.Checks(pools.now().minusSeconds(3600), true);
    failover("sen2", "sen1");
    assertScraped("checks_late{pool=\"sense\",server=\"sen2\"} 1.0");
    assertThat(registry.scrape())
        .containsPattern(
            "understudy_check_age_seconds\\{pool=\"sense\",server=\"sen2\"} 36[0-9][0-9]");
    pools.maintenance = new PoolMaintenance(true, Instant.EPOCH, null, Networks.NONE, null);
    failover("sen2", "sen1");
    assertScraped("pool_maintenance{pool=\"sense\"} 1.0");
  }

  @Test
  void the_role_of_a_server_is_a_label_that_follows_the_file() {
    assertThat(roles()).containsExactly("sen1 backup 1", "sen2 master 1");
    failover("sen1", "sen2");
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
    assertScraped(
        """
        tunnels{pool="sense",server="sen2"} 5.0
        sessions{pool="sense",server="sen2"} 2.0
        held_requests{pool="sense"} 2.0
        held_bytes{pool="sense"} 11.0
        server_requests{pool="sense",server="sen2"} 7.0
        server_queue{pool="sense",server="sen2"} 4.0
        client_connections 9.0
        """);
  }

  @Test
  void
      a_request_is_counted_under_its_labels_with_the_status_as_a_class_and_absent_ones_are_a_dash() {
    for (int status : new int[] {200, 204, 503}) {
      metrics.ended(
          metrics.route("sense"),
          Outcomes.of(SENSE, SEN2, status, RequestEnd.COMPLETED, 7_000_000, 0, 0));
    }
    assertScraped(
        """
        requests_seconds_count{L,status="2xx"} 2
        requests_seconds_sum{L,status="2xx"} 0.014
        requests_seconds_bucket{L,status="2xx",le="0.005"} 0
        requests_seconds_bucket{L,status="2xx",le="0.01"} 2
        requests_seconds_count{L,status="5xx"} 1
        """
            .replace("L", "outcome=\"COMPLETED\",pool=\"sense\",route=\"sense\",server=\"sen2\""));

    ended(null, null, null, 404);
    ended("sense", SENSE, null, 0);
    assertScraped(
        """
        requests_seconds_count{outcome="COMPLETED",pool="-",route="-",server="-",status="4xx"} 1
        requests_seconds_count{outcome="COMPLETED",pool="sense",route="sense",server="-",status="-"} 1
        """);
  }

  @Test
  void neither_statuses_that_are_none_nor_names_that_the_configuration_does_not_know_make_series() {
    for (int status : new int[] {-1, 0, 99, 600, Integer.MAX_VALUE}) {
      ended("sense", SENSE, SEN2, status);
    }
    assertThat(timeSeries()).isEqualTo(1);
    metrics.routes(Set.of("sense"));
    for (int i = 0; i < 500; i++) {
      ended("r" + i, new PoolId("p" + i), new ServerId("s" + i), 200);
    }
    assertThat(timeSeries()).isEqualTo(2);
  }

  @Test
  void probes_retries_limits_switches_and_hooks_are_counted_by_what_came_of_them() {
    metrics.limited(Limit.CONNECTIONS);
    metrics.limited(Limit.CONNECTIONS);
    hookCalled(SwitchFacts.Call.UNCERTAIN);
    hookCalled(SwitchFacts.Call.UNCERTAIN);
    metrics.probed(SENSE, SEN2, ProbeOutcome.TIMED_OUT, Duration.ofSeconds(1));
    metrics.retried(SENSE, RetryReason.CONNECT_FAILED);
    metrics.retried(SENSE, RetryReason.CONNECT_FAILED);
    switched(SEN2, SEN1, SwitchReason.HEALTH_CHECK_FAILED, Duration.ofMillis(180));
    switched(SEN1, SEN2, SwitchReason.FAILBACK, null);
    assertScraped(
        """
        limited_total{limit="CONNECTIONS"} 2.0
        limited_total{limit="HEADER_TIME"} 0.0
        hook_seconds_count{hook="demote",outcome="UNCERTAIN",pool="sense"} 2
        probe_seconds_sum{outcome="TIMED_OUT",pool="sense",server="sen2"} 1.0
        retries_total{pool="sense",reason="CONNECT_FAILED"} 2.0
        switches_total{pool="sense",reason="HEALTH_CHECK_FAILED"} 1.0
        switches_total{pool="sense",reason="FAILBACK"} 1.0
        switch_seconds_count{pool="sense"} 1
        switch_seconds_bucket{pool="sense",le="0.25"} 1
        """);
  }

  @Test
  void a_planned_switch_is_timed_by_its_outcome_if_it_held_clients() {
    planned(SwitchPhase.PAUSING, null);
    planned(SwitchPhase.MOVED, Duration.ofMillis(40));
    planned(SwitchPhase.GIVEN_UP, null);
    assertScraped(
        """
        switch_pause_seconds_count{outcome="MOVED",pool="sense"} 1
        switch_pause_seconds_bucket{outcome="MOVED",pool="sense",le="0.05"} 1
        """);
    assertThat(registry.scrape()).doesNotContain("GIVEN_UP", "PAUSING");
  }

  private void planned(SwitchPhase phase, @Nullable Duration paused) {
    happened(
        new Event.PlannedSwitchChanged(
            SENSE, "1-a", SEN2, SEN1, phase, 2, null, "", paused, null, "a sentence"));
  }

  @Test
  void calls_that_are_owed_are_shown_for_pools_with_hooks() {
    pools.publish(
        pools.owing("owing", new OwedHooks(null, Map.of(SEN2, Instant.EPOCH), SEN1, false)));
    assertScraped("hooks_owed{pool=\"owing\"} 2.0");
    failover("sen2", "sen1");
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
            Instant.EPOCH,
            SwitchReason.CONNECTION_FAILED,
            "evidence",
            null,
            false,
            false,
            Duration.ofSeconds(5));
    metrics.called(call, new HookResult(outcome, "status 200", Duration.ofMillis(40)));
  }

  @Test
  void a_refused_file_shows_until_one_is_applied() {
    assertScraped("config_last_reload_successful 1.0");
    happened(new ReplicaEvent.ConfigurationRejected("gateway.yaml", List.of("bad"), "refused"));
    assertScraped("config_last_reload_successful 0.0");
    happened(
        new ReplicaEvent.ConfigurationApplied(
            "gateway.yaml", List.of(), List.of(), List.of(), "applied"));
    assertScraped("config_last_reload_successful 1.0");
  }

  @ParameterizedTest
  @EnumSource
  void meters_of_a_removed_server_go_also_as_the_mode_changes_and_those_of_its_pool_stay(
      PoolMode mode) {
    useEverything();
    assertThat(registry.scrape()).contains("server=\"sen2\"");
    pools.publish(pools.pool("sense", mode, 7, "sen1"));
    assertThat(registry.scrape()).doesNotContain("sen2").contains("server=\"sen1\"");
    assertScraped("switches_total{pool=\"sense\",reason=\"FAILBACK\"} 1.0");
  }

  @Test
  void meters_of_a_removed_pool_go() {
    useEverything();
    pools.publish(pools.pool("other", PoolMode.FAILOVER, 1, "o1"));
    assertThat(registry.scrape()).doesNotContain("\"sense\",").contains("pool=\"other\"");
    useEverything();
    assertThat(registry.scrape()).doesNotContain("pool=\"sense\"");
  }

  @Test
  void meters_follow_the_mode_and_the_settings_that_they_are_for() {
    pools.publish(pools.pool("sense", PoolMode.BALANCE, 0, "sen2", "sen1"));
    assertThat(registry.scrape())
        .as("it is balanced")
        .doesNotContain("understudy_server_serving{", "understudy_pool_epoch{")
        .contains("understudy_server_up{");
    pools.publish(pools.plain("sense", "sen2", "sen1"));
    assertThat(registry.scrape())
        .doesNotContain("understudy_sessions{", "understudy_server_queue{");
    failover("sen2", "sen1");
    assertThat(registry.scrape()).contains("understudy_sessions{", "understudy_server_queue{");
    assertScraped("pool_epoch{pool=\"sense\"} 7.0");
  }

  @Test
  void a_reload_that_changes_nothing_keeps_the_counts() {
    useEverything();
    failover("sen2", "sen1");
    assertScraped("retries_total{pool=\"sense\",reason=\"CONNECT_FAILED\"} 1.0");
    assertThat(timeSeries()).isEqualTo(1);
  }

  private void useEverything() {
    ended("sense", SENSE, SEN2, 200);
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
}
