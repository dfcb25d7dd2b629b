package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MonitorRestartTest {
  @TempDir Path directory;

  private void run(Consumer<Bench> what) {
    run(FakeScheduler.START, what);
  }

  private void run(Instant now, Consumer<Bench> what) {
    Bench.withFile(directory, now, what);
  }

  @Test
  void serving_epoch_pin_and_operator_states_survive_a_restart() {
    run(
        bench -> {
          bench.begin(sense());
          bench.result(bench.monitor.switchTo(SENSE, BACKUP, null));
          bench.result(bench.monitor.setState(SENSE, MASTER, OperatorState.DRAIN, false, null));
        });
    run(
        bench -> {
          bench.apply(sense());
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().epoch()).isEqualTo(2);
          assertThat(bench.pool().pinned()).isEqualTo(BACKUP);
          assertThat(bench.pool().reason()).isEqualTo(SwitchReason.OPERATOR);
          assertThat(bench.server(MASTER).operatorState()).isEqualTo(OperatorState.DRAIN);
          bench.advance(60_000);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          bench.result(bench.monitor.setState(SENSE, MASTER, OperatorState.READY, false, null));
          bench.result(bench.monitor.switchTo(SENSE, null, null));
          assertThat(bench.serving()).isEqualTo(MASTER);
          assertThat(bench.pool().epoch()).isEqualTo(3);
        });
  }

  @ParameterizedTest
  @CsvSource({"false, DRAIN", "true, READY"})
  void an_operator_state_goes_with_its_server_once_the_configuration_is_accepted_for_good(
      boolean accepted, OperatorState then) {
    run(
        bench -> {
          bench.begin(sense());
          bench.result(bench.monitor.setState(SENSE, MASTER, OperatorState.DRAIN, false, null));
        });
    run(
        bench -> {
          bench.apply();
          if (accepted) {
            bench.monitor.retain();
            bench.advance(1);
          }
        });
    run(
        bench -> {
          bench.apply(sense());
          assertThat(bench.server(MASTER).operatorState()).isEqualTo(then);
        });
  }

  @Test
  void a_recorded_server_that_is_usable_is_kept() {
    Pool manual = with(sense(), Policy.MANUAL);
    run(
        bench -> {
          bench.begin(manual);
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(BACKUP);
        });
    run(
        bench -> {
          bench.begin(manual);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.switches()).isEmpty();
        });
  }

  @Test
  void a_recorded_server_that_died_meanwhile_is_left() {
    run(bench -> bench.begin(sense()));
    run(
        bench -> {
          bench.prober.set(MASTER, Behaviour.FROZEN);
          bench.apply(sense());
          bench.advanceUntilServing(BACKUP);
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().epoch()).isEqualTo(2);
          assertThat(bench.reasons()).containsExactly(SwitchReason.HEALTH_CHECK_FAILED);
        });
  }

  @Test
  void a_recorded_server_that_refuses_before_the_others_respond_costs_one_epoch() {
    run(bench -> bench.begin(sense()));
    run(
        bench -> {
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.begin(sense());
          assertThat(bench.serving()).isEqualTo(BACKUP);
          assertThat(bench.pool().epoch()).isEqualTo(2);
          assertThat(bench.reasons()).containsExactly(SwitchReason.CONNECTION_FAILED);
        });
  }

  @Test
  void a_recorded_server_that_refuses_is_left_for_none_once_all_others_have_failed() {
    run(bench -> bench.begin(sense()));
    run(
        bench -> {
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.prober.set(BACKUP, Behaviour.ILL);
          bench.begin(sense());
          assertThat(bench.serving()).isNull();
          assertThat(bench.pool().epoch()).isEqualTo(2);
          assertThat(bench.reasons()).containsExactly(SwitchReason.NO_SERVER);
        });
  }

  @Test
  void the_damping_of_a_flapping_master_survives_a_restart() {
    run(
        bench -> {
          bench.begin(sense());
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(BACKUP);
          bench.prober.set(MASTER, Behaviour.HEALTHY);
          bench.advanceUntilServing(MASTER);
          bench.prober.set(MASTER, Behaviour.KILLED);
          bench.advanceUntilServing(BACKUP);
        });
    run(
        FakeScheduler.START.plusSeconds(10),
        bench -> {
          bench.advance(10_000);
          bench.apply(sense());
          assertThat(bench.advanceUntilServing(MASTER)).isGreaterThan(9_000);
          assertThat(bench.switches().getLast().evidence()).contains("damped");
        });
  }

  @Test
  void a_damaged_file_is_as_good_as_none() throws IOException {
    Files.writeString(directory.resolve("state.json"), "{\"version\":1,\"pools\":{\"sen");
    run(
        bench -> {
          bench.begin(sense());
          assertThat(bench.serving()).isEqualTo(MASTER);
          assertThat(bench.reasons()).containsExactly(SwitchReason.INITIAL);
        });
    run(
        bench -> {
          bench.begin(sense());
          assertThat(bench.pool().epoch()).isEqualTo(1);
          assertThat(bench.switches()).isEmpty();
        });
  }
}
