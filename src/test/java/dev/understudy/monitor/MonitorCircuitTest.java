package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Event.CircuitChanged;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitorCircuitTest {
  private static final PassiveSettings PASSIVE = PassiveSettings.DEFAULT;
  private static final Pool GUARDED = with(sense(), PASSIVE);

  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private void failCalls(ServerId server) {
    for (int i = 0; i < PASSIVE.minimumCalls(); i++) {
      bench.monitor.called(bench.server(server), true, Duration.ofMillis(3));
    }
    bench.scheduler.settle();
  }

  private List<CircuitChanged> circuits() {
    return bench.events(CircuitChanged.class);
  }

  @Test
  void a_server_whose_breaker_opens_is_left_and_comes_back_after_its_time() {
    bench.begin(GUARDED);
    failCalls(MASTER);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.server(MASTER).circuitOpen()).isTrue();
    assertThat(bench.server(MASTER).usable()).isFalse();
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.advanceUntilServing(MASTER)).isEqualTo(10_000);
    assertThat(bench.server(MASTER).circuitOpen()).isFalse();
    assertThat(bench.reasons())
        .containsExactly(SwitchReason.INITIAL, SwitchReason.CIRCUIT_OPEN, SwitchReason.FAILBACK);
    assertThat(circuits()).extracting(CircuitChanged::open).containsExactly(true, false);
    assertThat(circuits().getFirst().message()).contains("sen2 opened: 20 of 20 calls failed");
  }

  @Test
  void a_breaker_that_opens_again_stays_open_twice_as_long() {
    bench.begin(GUARDED);
    failCalls(MASTER);
    bench.advanceUntilServing(MASTER);
    failCalls(MASTER);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    bench.advance(19_999);
    assertThat(bench.server(MASTER).circuitOpen()).isTrue();
    bench.advance(1);
    assertThat(bench.server(MASTER).circuitOpen()).isFalse();
  }

  @Test
  void a_breaker_of_a_server_that_is_down_closes_when_its_probes_are_good() {
    bench.begin(GUARDED);
    failCalls(MASTER);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advance(20_000);
    assertThat(bench.server(MASTER).circuitOpen()).isTrue();
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.advanceUntilServing(MASTER);
    assertThat(bench.server(MASTER).circuitOpen()).isFalse();
  }

  @Test
  void breakers_alone_never_leave_a_pool_without_a_server() {
    bench.begin(GUARDED);
    failCalls(MASTER);
    failCalls(BACKUP);
    assertThat(bench.serving()).isNotNull();
    assertThat(bench.pool().serving().usable()).isTrue();
    assertThat(bench.pool().serving().circuitOpen()).isFalse();
    assertThat(circuits().getLast().message()).contains("stays in use");
  }

  @Test
  void in_a_balance_pool_an_open_breaker_takes_its_server_out() {
    bench.begin(with(GUARDED, PoolMode.BALANCE));
    failCalls(MASTER);
    assertThat(bench.server(MASTER).usable()).isFalse();
    assertThat(bench.server(BACKUP).usable()).isTrue();
    bench.advance(10_000);
    assertThat(bench.server(MASTER).usable()).isTrue();
  }

  @Test
  void calls_to_an_older_incarnation_do_not_count() {
    bench.begin(GUARDED);
    ServerState old = bench.server(MASTER);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.advanceUntilServing(MASTER);
    for (int i = 0; i < 100; i++) {
      bench.monitor.called(old, true, Duration.ofMillis(3));
    }
    bench.scheduler.settle();
    assertThat(bench.server(MASTER).circuitOpen()).isFalse();
    failCalls(MASTER);
    assertThat(bench.server(MASTER).circuitOpen()).isTrue();
  }

  @Test
  void without_passive_settings_nothing_is_counted_and_a_reload_that_removes_them_closes() {
    bench.begin(sense());
    failCalls(MASTER);
    assertThat(bench.server(MASTER).circuitOpen()).isFalse();
    bench.apply(GUARDED);
    failCalls(MASTER);
    assertThat(bench.server(MASTER).circuitOpen()).isTrue();
    bench.apply(sense());
    assertThat(bench.server(MASTER).circuitOpen()).isFalse();
    assertThat(circuits()).extracting(CircuitChanged::open).containsExactly(true, false);
  }

  @Test
  void a_reload_that_keeps_the_passive_settings_keeps_an_open_breaker_open() {
    bench.begin(GUARDED);
    failCalls(MASTER);
    bench.apply(with(GUARDED, Policy.MANUAL));
    assertThat(bench.server(MASTER).circuitOpen()).isTrue();
    bench.advance(10_000);
    assertThat(bench.server(MASTER).circuitOpen()).isFalse();
  }

  @Test
  void another_address_begins_with_a_closed_breaker() {
    bench.resolver.set("master.example", "192.0.2.2");
    bench.begin(with(GUARDED, master("master.example"), backup("192.0.2.1")));
    failCalls(MASTER);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    bench.resolver.set("master.example", "192.0.2.9");
    bench.advance(1_010);
    assertThat(bench.server(MASTER).circuitOpen()).isFalse();
    assertThat(bench.serving()).isEqualTo(MASTER);
    failCalls(MASTER);
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }
}
