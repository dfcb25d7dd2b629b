package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.FakeProber.Behaviour;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitorPauseTest {
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void probes_in_flight_over_a_pause_of_this_process_are_void_and_repeated() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.FROZEN);
    bench.prober.set(BACKUP, Behaviour.FROZEN);
    bench.advance(1_900);
    long probes = bench.prober.probes(MASTER);
    // Both were fine; it was we who stood still.
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.prober.set(BACKUP, Behaviour.HEALTHY);
    bench.scheduler.pause(Duration.ofSeconds(20));
    bench.advance(10);
    assertThat(bench.prober.probes(MASTER)).isGreaterThan(probes);
    bench.advance(5_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().epoch()).isEqualTo(1);
    assertThat(bench.server(MASTER).statusSince()).isBefore(bench.scheduler.now().minusSeconds(25));
    assertThat(bench.server(MASTER).lastProbe().outcome()).isEqualTo(ProbeOutcome.OK);
  }

  @Test
  void a_pause_during_the_first_probe_does_not_decide() {
    bench.prober.set(MASTER, Behaviour.FROZEN);
    bench.apply(sense());
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.scheduler.pause(Duration.ofSeconds(5));
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UNKNOWN);
    bench.advance(10);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void a_first_probe_that_times_out_while_we_start_does_not_decide() {
    bench.prober.set(MASTER, Behaviour.FROZEN);
    bench.prober.set(BACKUP, Behaviour.FROZEN);
    bench.apply(sense());
    bench.advance(4_500);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.prober.set(BACKUP, Behaviour.HEALTHY);
    bench.advance(300);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.events()).noneMatch(event -> event.message().contains("DOWN"));
    assertThat(bench.pool().epoch()).isEqualTo(1);
  }

  @Test
  void a_first_probe_that_began_before_any_succeeded_may_be_our_fault_and_a_later_one_not() {
    bench.prober.set(MASTER, Behaviour.FROZEN);
    bench.apply(sense());
    bench.advance(1_249);
    assertThat(bench.server(BACKUP).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UNKNOWN);
    bench.advance(1);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void servers_that_all_are_frozen_while_we_start_are_found_DOWN_when_the_start_must_be_over() {
    bench.prober.set(MASTER, Behaviour.FROZEN);
    bench.prober.set(BACKUP, Behaviour.FROZEN);
    bench.apply(sense());
    bench.advance(4_999);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UNKNOWN);
    assertThat(bench.monitor.ready()).isFalse();
    bench.advance(1);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.monitor.ready()).isTrue();
    long probes = bench.prober.probes(MASTER);
    bench.advance(10_000);
    assertThat(bench.prober.probes(MASTER) - probes).as("one each second").isBetween(9L, 11L);
  }

  @Test
  void silence_over_a_pause_is_no_suspicion() {
    bench.begin(sense());
    Instant started = bench.scheduler.now();
    bench.scheduler.pause(Duration.ofMillis(600));
    bench.advance(10);
    long probes = bench.prober.probes(MASTER);
    bench.monitor.trouble(bench.server(MASTER), Trouble.SILENT, started, "no byte for 600 ms");
    bench.advance(100);
    assertThat(bench.prober.probes(MASTER)).isEqualTo(probes);
  }

  @Test
  void all_probes_that_one_pause_spoils_are_reported_as_void() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.FROZEN);
    long before = bench.prober.probes(MASTER);
    while (bench.prober.probes(MASTER) < before + 4) {
      bench.advance(1);
    }
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.scheduler.pause(Duration.ofSeconds(5));
    bench.advance(2_000);
    assertThat(bench.outcomes)
        .containsOnly(ProbeOutcome.OK, ProbeOutcome.VOIDED)
        .filteredOn(ProbeOutcome.VOIDED::equals)
        .hasSize(4);
  }

  @Test
  void probes_that_the_prober_never_ends_are_voided_however_many_there_are() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.LOST);
    bench.advance(300_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.pool().epoch()).isEqualTo(1);
    assertThat(bench.outcomes)
        .containsOnly(ProbeOutcome.OK, ProbeOutcome.VOIDED)
        .filteredOn(ProbeOutcome.VOIDED::equals)
        .hasSizeGreaterThan(40);

    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
  }

  @Test
  void a_process_that_is_late_during_its_start_counts_no_time_out_of_a_first_probe() {
    bench.prober.set(MASTER, Behaviour.FROZEN);
    bench.apply(sense());
    for (int i = 0; i < 60; i++) {
      bench.scheduler.pause(Duration.ofMillis(200));
    }
    assertThat(bench.server(BACKUP).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UNKNOWN);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.advance(2_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void a_process_that_is_late_for_ever_judges_a_frozen_server_after_all() {
    bench.prober.set(MASTER, Behaviour.FROZEN);
    bench.apply(sense());
    for (int i = 0; i < 90; i++) {
      bench.scheduler.pause(Duration.ofMillis(200));
    }
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.monitor.ready()).isTrue();
  }

  @Test
  void a_process_that_keeps_pausing_still_finds_a_dead_master() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.KILLED);
    for (int i = 0; i < 200 && bench.server(MASTER).status() != HealthStatus.DOWN; i++) {
      bench.scheduler.pause(Duration.ofMillis(400));
    }
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }
}
