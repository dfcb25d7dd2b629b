package dev.understudy.monitor;

import static dev.understudy.monitor.FakeEndpoints.endpoint;
import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Endpoint.State;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that come and go with the endpoints of a Service. */
class MonitorEndpointsTest {
  static final String SERVICE = "app.shop";
  private static final ServerId ONE = new ServerId("app-10-0-0-1");
  private static final ServerId TWO = new ServerId("app-10-0-0-2");
  static final Endpoint READY = endpoint("10.0.0.1", State.READY, null);
  static final Endpoint OTHER = endpoint("10.0.0.2", State.READY, null);
  static final Endpoint ENDING = endpoint("10.0.0.1", State.TERMINATING, null);

  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private static Pool pool(PoolMode mode, ServerTemplate template) {
    return TestPools.pool(SENSE).mode(mode).templates(template).build();
  }

  /** A pool of the Service's servers. */
  static Pool pool(PoolMode mode) {
    return pool(mode, template(3, 1, "http", null));
  }

  private static ServerTemplate template(
      int count, int weight, String port, @Nullable RoleLabel label) {
    return new ServerTemplate(
        new ServerId("app"),
        TestSettings.address(false, SERVICE, 80),
        ServerTemplate.Records.ENDPOINTS,
        count,
        TestServers.settings(Rank.MASTER, OptionalInt.empty(), weight),
        Duration.ZERO,
        port,
        label);
  }

  private void begin(PoolMode mode, Endpoint... endpoints) {
    bench.endpoints.set(SERVICE, endpoints);
    bench.begin(pool(mode));
  }

  private void set(Endpoint... endpoints) {
    bench.endpoints.set(SERVICE, endpoints);
    bench.advance(1_000);
  }

  private List<String> servers() {
    return bench.pool().servers().stream().map(each -> each.server().id().value()).toList();
  }

  @Test
  void each_ready_endpoint_is_a_server_at_its_address_and_port() {
    begin(PoolMode.FAILOVER, OTHER, READY, endpoint("10.0.0.9", State.UNREADY, null));
    assertThat(servers()).containsExactly("app-10-0-0-1", "app-10-0-0-2");
    assertThat(bench.server(ONE).address().getAddress().getHostAddress()).isEqualTo("10.0.0.1");
    assertThat(bench.server(ONE).address().getPort()).isEqualTo(8080);
    assertThat(bench.server(ONE).server().address().host()).isEqualTo(SERVICE);
    assertThat(bench.serving()).isEqualTo(ONE);
  }

  @Test
  void a_replica_is_ready_without_the_cluster_after_five_seconds() {
    bench.apply(pool(PoolMode.FAILOVER, template(3, 1, "http", null)));
    bench.advance(4_900);
    assertThat(bench.monitor.ready()).isFalse();
    bench.advance(200);
    assertThat(bench.monitor.ready()).isTrue();
    assertThat(servers()).isEmpty();
    set(READY);
    assertThat(bench.serving()).isEqualTo(ONE);
  }

  @Test
  void a_replica_does_not_wait_for_an_endpoint_that_left_before_its_first_probe_ended() {
    bench.prober.set("10.0.0.1", Behaviour.BLACK_HOLED);
    bench.endpoints.set(SERVICE, READY, OTHER);
    bench.apply(pool(PoolMode.FAILOVER));
    bench.advance(100);
    assertThat(bench.monitor.ready()).isFalse();
    set(OTHER);
    assertThat(bench.monitor.ready()).isTrue();
  }

  @Test
  void an_endpoint_that_is_no_longer_ready_leaves_at_once() {
    begin(PoolMode.FAILOVER, READY, OTHER);
    set(endpoint("10.0.0.1", State.UNREADY, null), OTHER);
    assertThat(servers()).containsExactly("app-10-0-0-2");
    assertThat(bench.serving()).isEqualTo(TWO);
  }

  @Test
  void while_no_endpoint_is_ready_those_that_were_are_judged_by_their_probes() {
    begin(PoolMode.FAILOVER, READY);
    set(endpoint("10.0.0.1", State.UNREADY, null), endpoint("10.0.0.2", State.UNREADY, null));
    assertThat(servers()).containsExactly("app-10-0-0-1");
    assertThat(bench.serving()).isEqualTo(ONE);
    set();
    assertThat(servers()).isEmpty();
  }

  @Test
  void a_terminating_pod_drains_and_the_role_leaves_it() {
    begin(PoolMode.FAILOVER, READY, OTHER);
    set(ENDING, OTHER);
    assertThat(bench.serving()).isEqualTo(TWO);
    assertThat(bench.reasons()).endsWith(SwitchReason.OPERATOR);
    ServerState one = bench.server(ONE);
    assertThat(one.operatorState()).isEqualTo(OperatorState.DRAIN);
    assertThat(one.status()).isEqualTo(HealthStatus.UP);
    assertThat(one.stateSetter()).isEqualTo("cluster");
    assertThat(one.operatorAct().operator().reason()).isEqualTo("its Pod terminates");
    set(OTHER);
    assertThat(servers()).containsExactly("app-10-0-0-2");
  }

  @Test
  void a_terminating_pod_gets_no_share_while_there_is_another() {
    begin(PoolMode.BALANCE, READY, OTHER);
    set(ENDING, OTHER);
    assertThat(bench.pool().receiving())
        .extracting(each -> each.server().id())
        .containsExactly(TWO);
  }

  @Test
  void a_terminating_pod_serves_while_no_other_is_usable() {
    begin(PoolMode.FAILOVER, READY, OTHER);
    bench.prober.set("10.0.0.2", Behaviour.KILLED);
    bench.advance(5_000);
    set(ENDING, OTHER);
    assertThat(bench.serving()).isEqualTo(ONE);
    assertThat(bench.server(ONE).operatorState()).isEqualTo(OperatorState.READY);
    bench.prober.set("10.0.0.2", Behaviour.HEALTHY);
    bench.advance(5_000);
    assertThat(bench.serving()).isEqualTo(TWO);
  }

  @Test
  void a_terminating_pod_serves_again_once_it_is_the_only_server() {
    begin(PoolMode.FAILOVER, READY, OTHER);
    set(ENDING, OTHER);
    assertThat(bench.serving()).isEqualTo(TWO);
    set(ENDING);
    assertThat(bench.serving()).isEqualTo(ONE);
    assertThat(bench.server(ONE).operatorState()).isEqualTo(OperatorState.READY);
  }

  @Test
  void a_terminating_pod_serves_again_once_an_operator_takes_the_other_out() {
    begin(PoolMode.BALANCE, READY, OTHER);
    set(ENDING, OTHER);
    bench.result(bench.monitor.setState(SENSE, TWO, OperatorState.MAINTENANCE, true, null));
    assertThat(bench.pool().receiving())
        .extracting(each -> each.server().id())
        .containsExactly(ONE);
  }

  @Test
  void an_operator_s_state_goes_before_the_cluster_s() {
    begin(PoolMode.BALANCE, READY, OTHER);
    bench.result(bench.monitor.setState(SENSE, ONE, OperatorState.MAINTENANCE, false, null));
    set(ENDING, OTHER);
    assertThat(bench.server(ONE).operatorState()).isEqualTo(OperatorState.MAINTENANCE);
    assertThat(bench.server(ONE).stateSetter()).isEqualTo("operator");
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 10_000})
  void a_restart_keeps_the_role_until_the_cluster_responds(int wait, @TempDir Path directory) {
    moved(directory, pool(PoolMode.FAILOVER));
    Bench.withFile(
        directory,
        second -> {
          second.apply(pool(PoolMode.FAILOVER));
          second.advance(wait);
          assertThat(second.serving()).isNull();
          second.endpoints.set(SERVICE, READY, OTHER);
          second.advance(1_000);
          assertThat(second.serving()).isEqualTo(TWO);
          assertThat(second.pool().epoch()).isEqualTo(2);
        });
  }

  @Test
  void after_a_restart_another_server_serves_if_the_cluster_does_not_respond(
      @TempDir Path directory) {
    Pool pool =
        TestPools.pool(SENSE)
            .servers(SensePool.backup("192.0.2.1"))
            .templates(template(3, 1, "http", null))
            .build();
    moved(directory, pool);
    Bench.withFile(
        directory,
        second -> {
          second.apply(pool);
          second.advance(4_900);
          assertThat(second.serving()).isNull();
          second.advance(200);
          assertThat(second.serving()).isEqualTo(SensePool.BACKUP);
          assertThat(second.pool().epoch()).isEqualTo(3);
        });
  }

  @Test
  void a_server_that_the_cluster_does_not_have_after_a_restart_is_left(@TempDir Path directory) {
    moved(directory, pool(PoolMode.FAILOVER));
    Bench.withFile(
        directory,
        second -> {
          second.apply(pool(PoolMode.FAILOVER));
          second.endpoints.set(SERVICE, READY);
          second.advance(1_000);
          assertThat(second.serving()).isEqualTo(ONE);
        });
  }

  @Test
  void a_server_that_was_away_is_fenced_once_it_is_back() {
    Hook demote = new Hook(null, List.of("demote"), Map.of(), Duration.ofSeconds(5), false);
    bench.endpoints.set(SERVICE, READY, OTHER);
    bench.begin(SensePool.with(pool(PoolMode.FAILOVER), new HookSettings(demote, null)));
    bench.prober.set("10.0.0.1", Behaviour.FROZEN);
    set(endpoint("10.0.0.1", State.UNREADY, null), OTHER);
    assertThat(bench.serving()).isEqualTo(TWO);
    bench.advance(60_000);
    assertThat(bench.hookCalls).isEmpty();
    bench.prober.set("10.0.0.1", Behaviour.HEALTHY);
    set(READY, OTHER);
    assertThat(bench.hookCalls).extracting(call -> call.server().id()).containsExactly(ONE);
  }

  /** The role moves to the second server, and the process ends. */
  private static void moved(Path directory, Pool pool) {
    Bench.withFile(
        directory,
        first -> {
          first.endpoints.set(SERVICE, READY, OTHER);
          first.begin(pool);
          first.prober.set("10.0.0.1", Behaviour.KILLED);
          first.advanceUntilServing(TWO);
        });
  }

  @Test
  void an_operator_s_state_is_the_address_s_and_not_that_of_a_pod_that_comes_back_elsewhere() {
    begin(PoolMode.BALANCE, READY, OTHER);
    bench.result(bench.monitor.setState(SENSE, ONE, OperatorState.MAINTENANCE, false, null));
    set(endpoint("10.0.0.3", State.READY, null), OTHER);
    assertThat(servers()).containsExactly("app-10-0-0-2", "app-10-0-0-3");
    assertThat(bench.pool().servers())
        .extracting(ServerState::operatorState)
        .containsOnly(OperatorState.READY);
    set(READY, OTHER);
    assertThat(bench.server(ONE).operatorState()).isEqualTo(OperatorState.MAINTENANCE);
  }

  @Test
  void the_first_choice_and_the_next_follow_labels_of_servers_that_are_well() {
    bench.endpoints.set(
        SERVICE,
        endpoint("10.0.0.1", State.READY, "replica"),
        endpoint("10.0.0.2", State.READY, "primary"));
    bench.begin(pool(PoolMode.FAILOVER, template(3, 1, "http", new RoleLabel("role", "primary"))));
    assertThat(bench.serving()).isEqualTo(TWO);
    assertThat(bench.server(ONE).usable()).isFalse();
    assertThat(bench.server(ONE).pod().label().text()).isEqualTo("role=replica");
    set(endpoint("10.0.0.1", State.READY, "primary"), endpoint("10.0.0.2", State.READY, "replica"));
    assertThat(bench.serving()).isEqualTo(ONE);
  }

  @Test
  void a_label_does_not_make_a_server_serve_whose_probes_are_bad() {
    bench.prober.set("10.0.0.1", Behaviour.KILLED);
    bench.endpoints.set(SERVICE, endpoint("10.0.0.1", State.READY, "primary"), OTHER);
    bench.begin(pool(PoolMode.FAILOVER, template(3, 1, "http", new RoleLabel("role", "primary"))));
    assertThat(bench.serving()).isEqualTo(TWO);
  }

  private static Endpoint inZone(String zone) {
    return new Endpoint(FakeResolver.address("10.0.0.1"), 8080, State.READY, null, zone);
  }

  @Test
  void a_server_has_the_zone_of_its_endpoint_also_with_other_settings_of_the_pool() {
    begin(PoolMode.BALANCE, inZone("east"));
    assertThat(bench.server(ONE).server().settings().zone()).isEqualTo("east");
    bench.apply(pool(PoolMode.BALANCE, template(3, 7, "http", null)));
    assertThat(bench.server(ONE).server().settings().weight()).isEqualTo(7);
    assertThat(bench.server(ONE).server().settings().zone()).isEqualTo("east");
  }

  @Test
  void another_zone_at_the_same_address_leaves_the_server_s_health_and_connections() {
    begin(PoolMode.BALANCE, inZone("east"));
    ServerState before = bench.server(ONE);
    set(inZone("west"));
    ServerState after = bench.server(ONE);
    assertThat(after.server().settings().zone()).isEqualTo("west");
    assertThat(after.status()).isEqualTo(HealthStatus.UP);
    assertThat(after.incarnation()).isEqualTo(before.incarnation());
  }

  @Test
  void another_label_or_port_in_the_file_leaves_the_servers_until_the_cluster_responds() {
    begin(PoolMode.FAILOVER, READY, OTHER);
    long incarnation = bench.server(ONE).incarnation();
    bench.endpoints.forget(SERVICE);
    for (ServerTemplate next :
        List.of(
            template(3, 1, "http", new RoleLabel("role", "primary")),
            template(3, 1, "web", null))) {
      bench.apply(pool(PoolMode.FAILOVER, next));
      bench.advance(10_000);
      assertThat(servers()).containsExactly("app-10-0-0-1", "app-10-0-0-2");
      assertThat(bench.serving()).isEqualTo(ONE);
      assertThat(bench.server(ONE).incarnation()).isEqualTo(incarnation);
    }
    set(OTHER);
    assertThat(servers()).containsExactly("app-10-0-0-2");
  }

  @Test
  void another_count_in_the_file_holds_at_once_and_those_that_leave_are_the_first_to_go() {
    begin(PoolMode.BALANCE, READY, OTHER, endpoint("10.0.0.3", State.READY, null));
    bench.apply(pool(PoolMode.BALANCE, template(1, 1, "http", null)));
    bench.advance(1_000);
    assertThat(servers()).containsExactly("app-10-0-0-1");
    bench.apply(pool(PoolMode.BALANCE, template(2, 1, "http", null)));
    bench.advance(1_000);
    assertThat(servers()).containsExactly("app-10-0-0-1", "app-10-0-0-2");
    set(ENDING, OTHER);
    bench.apply(pool(PoolMode.BALANCE, template(1, 1, "http", null)));
    bench.advance(1_000);
    assertThat(servers()).containsExactly("app-10-0-0-2");
  }

  @Test
  void a_pool_that_is_removed_is_not_followed_any_more() {
    begin(PoolMode.FAILOVER, READY);
    assertThat(bench.endpoints.followers(SERVICE)).isEqualTo(1);
    bench.apply(SensePool.sense());
    assertThat(bench.endpoints.followers(SERVICE)).isZero();
  }
}
