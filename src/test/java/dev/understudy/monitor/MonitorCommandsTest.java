package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static dev.understudy.pool.OperatorState.DRAIN;
import static dev.understudy.pool.OperatorState.MAINTENANCE;
import static dev.understudy.pool.OperatorState.READY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.monitor.Event.OperatorStateChanged;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MonitorCommandsTest {
  private static final PoolId NO_POOL = new PoolId("nowhere");
  private static final ServerId NO_SERVER = new ServerId("nobody");

  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private Result set(ServerId server, OperatorState state) {
    return bench.result(bench.monitor.setState(SENSE, server, state, false, null));
  }

  private Result switchTo(ServerId server) {
    return bench.result(bench.monitor.switchTo(SENSE, server, null));
  }

  private Result auto() {
    return bench.result(bench.monitor.switchTo(SENSE, null, null));
  }

  @ParameterizedTest
  @EnumSource(names = {"DRAIN", "MAINTENANCE"})
  void a_serving_server_that_is_taken_out_hands_the_role_over_and_gets_it_back(
      OperatorState state) {
    bench.begin(sense());
    assertThat(set(MASTER, state)).isEqualTo(new Result.Done(true));
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(state);
    assertThat(bench.server(MASTER).usable()).isFalse();
    assertThat(set(MASTER, READY)).isEqualTo(new Result.Done(true));
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.reasons())
        .containsExactly(SwitchReason.INITIAL, SwitchReason.OPERATOR, SwitchReason.FAILBACK);
    assertThat(bench.events())
        .filteredOn(OperatorStateChanged.class::isInstance)
        .extracting(event -> ((OperatorStateChanged) event).to())
        .containsExactly(state, READY);
  }

  @Test
  void sessions_of_the_serving_server_stay_while_it_is_drained_and_have_to_leave_afterwards() {
    bench.begin(with(sense(), Policy.MANUAL));
    set(MASTER, DRAIN);
    bench.advance(60_000);
    assertThat(bench.server(MASTER).leftServing()).as("drained").isNull();
    set(MASTER, READY);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.server(MASTER).leftServing()).isEqualTo(bench.scheduler.now());
  }

  @ParameterizedTest
  @CsvSource({"29, true", "30, false"})
  void sessions_stay_on_a_server_that_is_drained_before_they_have_left_it(
      int seconds, boolean stay) {
    bench.begin(sense());
    switchTo(BACKUP);
    bench.advance(seconds * 1000L);
    set(MASTER, DRAIN);
    assertThat(bench.server(MASTER).leftServing() == null).isEqualTo(stay);
  }

  @Test
  void a_server_that_has_no_sessions_gets_none_by_being_drained() {
    bench.begin(sense());
    assertThat(bench.server(BACKUP).leftServing()).isNull();
    set(BACKUP, DRAIN);
    assertThat(bench.server(BACKUP).leftServing())
        .as("30 s ago, so that all time to leave is over")
        .isEqualTo(bench.scheduler.now().minusSeconds(30));
    set(BACKUP, READY);
    assertThat(bench.server(BACKUP).leftServing()).isNotNull();
  }

  @Test
  void maintenance_ends_the_sessions_of_a_drained_server() {
    bench.begin(sense());
    set(MASTER, DRAIN);
    set(MASTER, MAINTENANCE);
    assertThat(bench.server(MASTER).leftServing()).isEqualTo(bench.scheduler.now());
    bench.advance(30_000);
    set(MASTER, DRAIN);
    assertThat(bench.server(MASTER).leftServing()).as("it had none").isNotNull();
  }

  @Test
  void the_state_it_has_already_changes_nothing() {
    bench.begin(sense());
    List<Event> before = bench.events();
    assertThat(set(MASTER, READY)).isEqualTo(new Result.Done(false));
    assertThat(bench.events()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(names = {"DRAIN", "MAINTENANCE"})
  void taking_out_the_only_usable_server_wants_force(OperatorState state) {
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.begin(sense());
    assertThat(set(MASTER, state))
        .isInstanceOfSatisfying(
            Result.Conflict.class, conflict -> assertThat(conflict.why()).contains("only usable"));
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.server(MASTER).operatorState()).isEqualTo(READY);
    assertThat(bench.result(bench.monitor.setState(SENSE, MASTER, state, true, null)))
        .isEqualTo(new Result.Done(true));
    assertThat(bench.serving()).isNull();
    assertThat(bench.reasons()).endsWith(SwitchReason.NO_SERVER);
  }

  @Test
  void maintenance_of_a_server_that_is_not_usable_wants_no_force() {
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.begin(sense());
    assertThat(set(BACKUP, MAINTENANCE)).isEqualTo(new Result.Done(true));
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void a_switch_pins_until_auto() {
    bench.begin(sense());
    assertThat(switchTo(BACKUP)).isEqualTo(new Result.Done(true));
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.pool().pinned()).isEqualTo(BACKUP);
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(auto()).isEqualTo(new Result.Done(true));
    assertThat(bench.pool().pinned()).isNull();
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.reasons())
        .containsExactly(SwitchReason.INITIAL, SwitchReason.OPERATOR, SwitchReason.FAILBACK);
    assertThat(auto()).isEqualTo(new Result.Done(false));
  }

  @Test
  void under_the_manual_policy_auto_moves_nothing_and_a_switch_does() {
    bench.begin(with(sense(), Policy.MANUAL));
    switchTo(BACKUP);
    auto();
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    switchTo(MASTER);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void a_pin_ends_with_a_failover() {
    bench.begin(sense());
    switchTo(BACKUP);
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.advanceUntilServing(MASTER);
    assertThat(bench.pool().pinned()).isNull();
    bench.prober.set(BACKUP, Behaviour.HEALTHY);
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void a_switch_to_the_one_that_serves_already_makes_no_new_epoch() {
    bench.begin(sense());
    assertThat(switchTo(MASTER)).as("it is pinned now").isEqualTo(new Result.Done(true));
    assertThat(bench.pool().epoch()).isEqualTo(1);
    assertThat(bench.switches()).hasSize(1);
    assertThat(switchTo(MASTER)).isEqualTo(new Result.Done(false));
  }

  @Test
  void a_switch_to_a_server_that_is_not_usable_is_a_conflict_that_says_why() {
    bench.prober.set(BACKUP, Behaviour.ILL);
    bench.begin(sense());
    assertThat(switchTo(BACKUP))
        .isInstanceOfSatisfying(
            Result.Conflict.class,
            conflict -> assertThat(conflict.why()).contains("sen1", "DOWN", "status 503"));
    set(BACKUP, DRAIN);
    assertThat(switchTo(BACKUP))
        .isInstanceOfSatisfying(
            Result.Conflict.class, conflict -> assertThat(conflict.why()).contains("drain"));
    assertThat(bench.pool().epoch()).isEqualTo(1);
  }

  @Test
  void a_balance_pool_has_no_server_to_switch_to() {
    bench.begin(with(sense(), PoolMode.BALANCE));
    assertThat(bench.serving()).isNull();
    assertThat(bench.server(MASTER).usable()).isTrue();
    assertThat(switchTo(BACKUP)).isInstanceOf(Result.Conflict.class);
    assertThat(auto()).isInstanceOf(Result.Conflict.class);
    assertThat(set(BACKUP, DRAIN)).isEqualTo(new Result.Done(true));
    assertThat(bench.server(BACKUP).usable()).isFalse();
  }

  @Test
  void a_name_that_does_not_exist_is_unknown() {
    bench.begin(sense());
    assertThat(bench.result(bench.monitor.switchTo(NO_POOL, MASTER, null)))
        .isEqualTo(new Result.Unknown("There is no pool nowhere."));
    assertThat(bench.result(bench.monitor.setState(NO_POOL, MASTER, DRAIN, false, null)))
        .isInstanceOf(Result.Unknown.class);
    assertThat(switchTo(NO_SERVER))
        .isEqualTo(new Result.Unknown("There is no server nobody in pool sense."));
    assertThat(set(NO_SERVER, DRAIN)).isInstanceOf(Result.Unknown.class);
  }

  @Test
  void when_a_command_is_done_the_snapshot_shows_it() {
    bench.begin(sense());
    AtomicReference<PoolState> seen = new AtomicReference<>();
    bench
        .monitor
        .switchTo(SENSE, BACKUP, null)
        .thenAccept(result -> seen.set(bench.monitor.current().pool(SENSE)));
    bench.scheduler.settle();
    assertThat(seen.get().serving().server().id()).isEqualTo(BACKUP);
  }

  @Test
  void a_monitor_that_is_closed_takes_no_commands_and_no_configuration() {
    bench.begin(sense());
    bench.monitor.close();
    assertThat(switchTo(BACKUP)).isInstanceOf(Result.Conflict.class);
    assertThat(bench.monitor.apply(List.of()).toCompletableFuture()).isCompletedExceptionally();
    assertThat(bench.scheduler.pendingTimers()).isZero();
  }
}
