package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Alarm;
import dev.understudy.event.ReplicaEvent.FailedTogether;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.MassFailurePolicy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many servers of many hosts that fail within seconds. */
class MonitorMassFailureTest {
  private static final int POOLS = 10;

  @AutoClose private Bench bench = new Bench(MassFailurePolicy.FOLLOW);

  private static String host(int pool, String server) {
    return "192.0.2." + (10 * pool + (server.equals("one") ? 1 : 2)) % 250;
  }

  private static PoolId id(int pool) {
    return new PoolId("pool-" + pool);
  }

  private void begin(MassFailurePolicy doubt, PoolMode mode) {
    bench.close();
    bench = new Bench(doubt);
    List<Pool> pools = new ArrayList<>();
    for (int i = 0; i < POOLS; i++) {
      Pool pool =
          SensePool.pool(
              id(i),
              SensePool.server(new ServerId("one"), host(i, "one"), Rank.MASTER),
              SensePool.server(new ServerId("two"), host(i, "two"), Rank.BACKUP));
      pools.add(SensePool.with(pool, mode));
    }
    bench.begin(pools.toArray(Pool[]::new));
    bench.advance(3_000);
  }

  private void all(Behaviour behaviour) {
    become(POOLS, behaviour, "one", "two");
  }

  /** Those servers of the first pools. */
  private void become(int pools, Behaviour behaviour, String... servers) {
    for (int i = 0; i < pools; i++) {
      for (String server : servers) {
        bench.prober.set(host(i, server), behaviour);
      }
    }
  }

  private List<PoolState> pools() {
    return IntStream.range(0, POOLS).mapToObj(this::pool).toList();
  }

  private List<ServerState> servers() {
    return pools().stream().flatMap(pool -> pool.servers().stream()).toList();
  }

  private List<FailedTogether> told() {
    return bench.events(FailedTogether.class);
  }

  private PoolState pool(int number) {
    return Objects.requireNonNull(bench.monitor.current().pool(id(number)));
  }

  @Test
  void one_event_and_one_alarm_say_so_with_the_state_of_this_process() {
    begin(MassFailurePolicy.FOLLOW, PoolMode.FAILOVER);
    all(Behaviour.BLACK_HOLED);
    bench.advance(30_000);
    assertThat(told()).hasSize(1);
    FailedTogether event = told().getFirst();
    assertThat(event.over()).isFalse();
    assertThat(event.failed()).isEqualTo(2 * POOLS);
    assertThat(event.message())
        .startsWith("20 of 20 servers failed together; loop lag ")
        .contains("CPU 34 % of 2 processors, 56 of 400 descriptors", "understudy.doubt: follow");
    assertThat(event.causes()).containsExactly("no answer (20)");
    assertThat(bench.monitor.alarms())
        .singleElement()
        .satisfies(alarm -> assertThat(alarm.kind()).isEqualTo(Alarm.Kind.MASS_FAILURE))
        .satisfies(
            alarm ->
                assertThat(event.message())
                    .as("the alarm has the causes as groups of their own")
                    .isEqualTo(alarm.message() + "; " + alarm.detail() + ": no answer (20)"))
        .satisfies(alarm -> assertThat(alarm.hosts()).hasSize(Alarm.MOST_GROUPS))
        .satisfies(
            alarm ->
                assertThat(alarm.causes())
                    .containsExactly(new Alarm.Group("no answer", 2 * POOLS, POOLS)));
    assertThat(pool(0).serving()).as("follow: nobody serves").isNull();

    all(Behaviour.HEALTHY);
    bench.advance(30_000);
    assertThat(told()).hasSize(2);
    assertThat(told().getLast().over()).isTrue();
    assertThat(bench.monitor.alarms()).isEmpty();
  }

  @Test
  void those_that_were_down_before_are_counted_and_told_apart() {
    begin(MassFailurePolicy.FOLLOW, PoolMode.FAILOVER);
    become(4, Behaviour.KILLED, "one", "two");
    bench.advance(60_000);
    all(Behaviour.BLACK_HOLED);
    bench.advance(30_000);
    assertThat(bench.monitor.alarms())
        .singleElement()
        .satisfies(
            alarm ->
                assertThat(alarm.message())
                    .isEqualTo("20 of 20 servers are down, 12 of them failed together"));
    assertThat(told()).extracting(FailedTogether::failed).containsExactly(20);
  }

  @ParameterizedTest
  @EnumSource(PoolMode.class)
  void kept_servers_stay_in_use_until_it_is_over(PoolMode mode) {
    begin(MassFailurePolicy.KEEP, mode);
    all(Behaviour.BLACK_HOLED);
    bench.advance(60_000);
    assertThat(told()).hasSize(1);
    assertThat(told().getFirst().message()).contains("understudy.doubt: keep");
    assertThat(servers()).allMatch(server -> server.status() == HealthStatus.DOWN);
    assertThat(servers()).allMatch(ServerState::usable);
    assertThat(pools()).allMatch(pool -> pool.serving() != null || mode == PoolMode.BALANCE);
    // Half of the pools are dead indeed, and the others respond again.
    become(POOLS / 2, Behaviour.HEALTHY, "one", "two");
    bench.advance(10_000);
    assertThat(bench.monitor.alarms()).isEmpty();
    assertThat(pool(POOLS - 1).servers()).noneMatch(ServerState::usable);
    assertThat(pool(POOLS - 1).serving()).isNull();
  }

  @Test
  void a_server_of_another_address_is_not_kept_for_what_failed_at_the_old_one() {
    begin(MassFailurePolicy.KEEP, PoolMode.BALANCE);
    all(Behaviour.BLACK_HOLED);
    bench.advance(20_000);
    bench.prober.set("192.0.2.251", Behaviour.BLACK_HOLED);
    Pool before = pool(0).pool();
    List<Pool> moved = new ArrayList<>(pools().stream().map(PoolState::pool).toList());
    Server there = SensePool.server(new ServerId("one"), "192.0.2.251", Rank.MASTER);
    moved.set(0, SensePool.with(before, there, before.servers().getLast()));
    bench.apply(moved.toArray(Pool[]::new));
    assertThat(pool(0).servers()).extracting(ServerState::usable).containsExactly(false, true);
    bench.advance(10_000);
    assertThat(pool(0).servers()).extracting(ServerState::usable).containsExactly(false, true);
  }

  @Test
  void a_kept_role_returns_to_who_had_it_if_nobody_else_was_there() {
    begin(MassFailurePolicy.KEEP, PoolMode.FAILOVER);
    all(Behaviour.KILLED);
    bench.advance(20_000);
    assertThat(pools()).allMatch(pool -> pool.serving() != null);
  }

  @Test
  void roles_that_moved_before_the_doubt_stay_there() {
    begin(MassFailurePolicy.KEEP, PoolMode.FAILOVER);
    become(POOLS, Behaviour.KILLED, "one");
    bench.advance(3_000);
    assertThat(told()).isEmpty();
    bench.prober.set(host(0, "two"), Behaviour.KILLED);
    bench.advance(5_000);
    assertThat(told()).hasSize(1);
    assertThat(pools()).allMatch(pool -> pool.isServing(new ServerId("two")));
  }

  @Test
  void a_server_that_fails_while_another_of_its_host_is_up_is_left_as_ever() {
    begin(MassFailurePolicy.KEEP, PoolMode.FAILOVER);
    all(Behaviour.BLACK_HOLED);
    bench.prober.set(host(3, "one"), Behaviour.HEALTHY);
    bench.advance(20_000);
    assertThat(pool(3).serving().server().id().value()).isEqualTo("one");
    assertThat(pool(4).serving()).isNotNull();
  }

  @Test
  void a_failure_of_one_host_is_none_of_that() {
    begin(MassFailurePolicy.KEEP, PoolMode.FAILOVER);
    become(1, Behaviour.KILLED, "one", "two");
    bench.advance(20_000);
    assertThat(told()).isEmpty();
    assertThat(bench.monitor.alarms()).isEmpty();
    assertThat(pool(0).serving()).isNull();
  }

  @Test
  void removing_failed_servers_from_the_file_ends_a_mass_failure() {
    begin(MassFailurePolicy.FOLLOW, PoolMode.FAILOVER);
    all(Behaviour.KILLED);
    bench.advance(5_000);
    assertThat(bench.monitor.alarms()).hasSize(1);
    bench.apply(SensePool.sense());
    bench.advance(1_000);
    assertThat(bench.monitor.alarms()).isEmpty();
    assertThat(told().getLast().over()).isTrue();
  }
}
