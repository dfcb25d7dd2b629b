package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static dev.understudy.pool.OperatorState.DRAIN;
import static dev.understudy.pool.OperatorState.MAINTENANCE;
import static dev.understudy.pool.OperatorState.READY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Event.OperatorStateChanged;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Agents beside the servers. */
class MonitorAgentTest {
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private static Pool asked() {
    return asked(9999, Duration.ofSeconds(1));
  }

  private static Pool asked(int port, Duration interval) {
    HealthSettings d = sense().health();
    return with(
        sense(),
        new HealthSettings(
            d.check(),
            d.interval(),
            d.fastInterval(),
            d.downInterval(),
            d.timeout(),
            d.fall(),
            d.rise(),
            new AgentCheck(port, null, interval, null)));
  }

  /** The master's agent says that, and is asked. */
  private void says(String line) {
    bench.prober.agentSays(MASTER, line);
    bench.advance(1_100);
  }

  private void set(OperatorState state) {
    bench.result(bench.monitor.setState(SENSE, MASTER, state, false, null));
  }

  private List<String> stateEvents() {
    return bench.events(OperatorStateChanged.class).stream().map(Event::message).toList();
  }

  @Test
  void what_an_agent_found_bad_stays_so_at_another_address() {
    bench.resolver.set("master.example", "192.0.2.2");
    bench.begin(with(asked(), master("master.example"), backup("192.0.2.1")));
    says("down");
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    bench.resolver.set("master.example", "192.0.2.9");
    while (!bench.prober.requests.getLast().address().getHostAddress().equals("192.0.2.9")) {
      bench.advance(1);
    }
    for (int i = 0; i < 3_000; i++) {
      bench.advance(1);
      assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    }
    says("up");
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void drain_moves_the_role_and_ready_brings_it_back() {
    bench.begin(asked());
    says("drain # updating");
    assertThat(bench.serving()).isEqualTo(BACKUP);
    ServerState master = bench.server(MASTER);
    assertThat(master.operatorState()).isEqualTo(DRAIN);
    assertThat(master.operatorAct().operator())
        .isEqualTo(new Operator("agent", "drain # updating"));
    assertThat(master.stateSetter()).isEqualTo("agent");
    assertThat(master.usable()).isFalse();
    assertThat(master.leftServing()).as("its sessions stay").isNull();
    says("up");
    assertThat(bench.serving()).as("what it does not speak of stays").isEqualTo(BACKUP);
    says("ready");
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(READY);
    assertThat(bench.reasons())
        .containsExactly(SwitchReason.INITIAL, SwitchReason.OPERATOR, SwitchReason.FAILBACK);
    assertThat(bench.switches().get(1).evidence()).isEqualTo("its agent set sen2 to drain");
    assertThat(stateEvents())
        .containsExactly(
            "Pool sense: sen2 is set to drain (agent), it was ready; it says: drain # updating",
            "Pool sense: sen2 is set to ready (agent), it was drain; it says: ready");
  }

  @Test
  void down_makes_the_server_down_and_up_brings_it_back() {
    bench.begin(asked());
    says("down");
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.reasons().getLast()).isEqualTo(SwitchReason.HEALTH_CHECK_FAILED);
    bench.advance(10_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    says("up");
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void an_agent_that_cannot_be_reached_changes_nothing() {
    bench.begin(asked());
    assertThat(bench.server(MASTER).agent().problem()).isEqualTo("connection refused");
    says("maint");
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(MAINTENANCE);
    says(null);
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(MAINTENANCE);
    assertThat(bench.server(MASTER).agent().said()).isEqualTo("maint");
    assertThat(bench.server(MASTER).agent().problem()).isEqualTo("connection refused");
    says("what?");
    assertThat(bench.server(MASTER).agent().problem()).isEqualTo("not understood: \"what?\"");
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }

  @Test
  void an_operators_state_goes_before_the_agents() {
    bench.begin(asked());
    set(DRAIN);
    says("maint");
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(DRAIN);
    assertThat(bench.server(MASTER).stateSetter()).isEqualTo("operator");
    says("ready");
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(DRAIN);
    says("maint");
    set(READY);
    assertThat(bench.server(MASTER).operatorState()).as("now the agent's").isEqualTo(MAINTENANCE);
    assertThat(bench.server(MASTER).stateSetter()).isEqualTo("agent");
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }

  @Test
  void an_agent_that_a_new_file_removes_holds_nothing() {
    bench.begin(asked());
    says("maint down");
    assertThat(bench.serving()).isEqualTo(BACKUP);
    bench.apply(sense());
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(READY);
    assertThat(bench.server(MASTER).agent()).isNull();
    bench.advanceUntilServing(MASTER);
    assertThat(stateEvents().getLast())
        .isEqualTo(
            "Pool sense: sen2 is set to ready (agent), it was maintenance; it is not asked any"
                + " more");
  }

  @Test
  void what_an_agent_said_stays_when_a_new_file_has_it_asked_at_another_interval() {
    bench.begin(asked());
    says("maint down 50%");
    says(null);
    bench.apply(asked(9999, Duration.ofSeconds(3)));
    bench.advance(10_000);
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(MAINTENANCE);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.server(MASTER).weight()).isEqualTo(0.5);
    assertThat(bench.server(MASTER).agent().said()).isEqualTo("maint down 50%");
    assertThat(bench.reasons()).containsExactly(SwitchReason.INITIAL, SwitchReason.OPERATOR);

    bench.apply(asked(9998, Duration.ofSeconds(3)));
    assertThat(bench.server(MASTER).operatorState()).as("another agent").isEqualTo(READY);
  }

  @Test
  void a_per_cent_is_the_servers_share_of_its_weight_until_the_agent_says_another() {
    bench.begin(with(asked(), PoolMode.BALANCE));
    assertThat(bench.server(MASTER).weight()).isEqualTo(1);
    says("up 75%");
    assertThat(bench.server(MASTER).weight()).isEqualTo(0.75);
    assertThat(bench.server(BACKUP).weight()).isEqualTo(1);
    says("ready up");
    assertThat(bench.server(MASTER).weight()).as("a line that says none").isEqualTo(0.75);
    says(null);
    assertThat(bench.server(MASTER).weight()).as("an agent that is gone").isEqualTo(0.75);
    says("100%");
    assertThat(bench.server(MASTER).weight()).isEqualTo(1);
    assertThat(bench.reasons()).as("no role changes").isEmpty();
  }

  @Test
  void zero_per_cent_keeps_a_balance_pools_new_requests_from_the_server() {
    bench.begin(with(asked(), PoolMode.BALANCE));
    assertThat(receiving()).containsExactly(MASTER);
    says("0%");
    assertThat(receiving()).containsExactly(BACKUP);
    assertThat(bench.server(MASTER).usable()).as("its sessions stay").isTrue();
    bench.apply(with(sense(), PoolMode.BALANCE));
    assertThat(receiving()).as("no agent any more").containsExactly(MASTER);
  }

  @Test
  void a_failover_pool_has_no_use_for_a_per_cent() {
    bench.begin(asked());
    says("0%");
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(receiving()).containsExactly(MASTER);
  }

  private List<ServerId> receiving() {
    return bench.monitor.current().pool(SENSE).receiving().stream()
        .map(state -> state.server().id())
        .toList();
  }

  @Test
  void it_is_asked_once_in_each_interval() {
    bench.begin(asked());
    long start = bench.time();
    says("up");
    bench.advance(20_000);
    assertThat(bench.server(MASTER).agent().at())
        .isAfter(FakeScheduler.START.plusMillis(start + 19_000));
  }
}
