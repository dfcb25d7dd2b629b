package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.Event.ResourceExhausted;
import dev.understudy.monitor.FakeProber.Behaviour;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a failure of this machine does to servers: nothing. And how it is told. */
class MonitorLocalFailureTest {
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private List<ResourceExhausted> told() {
    return bench.events(ResourceExhausted.class);
  }

  @Test
  void servers_stay_as_they_are_while_no_probe_can_be_made() {
    bench.begin(sense());
    long before = bench.prober.probes(MASTER);
    bench.prober.set(MASTER, Behaviour.NO_MEANS);
    bench.prober.set(BACKUP, Behaviour.NO_MEANS);
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().epoch()).isEqualTo(1);
    assertThat(bench.server(BACKUP).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.outcomes).containsOnly(ProbeOutcome.OK, ProbeOutcome.LOCAL_FAILURE);
    assertThat(bench.server(MASTER).lastProbe().outcome()).isEqualTo(ProbeOutcome.OK);
    assertThat(bench.prober.probes(MASTER) - before).as("one each 250 ms").isBetween(200L, 241L);
  }

  @Test
  void a_dead_server_is_found_as_soon_as_there_are_means_again() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.NO_MEANS);
    bench.advance(10_000);
    bench.prober.set(MASTER, Behaviour.KILLED);
    assertThat(bench.advanceUntilServing(BACKUP)).isLessThan(500);
  }

  @Test
  void a_server_that_was_never_probed_is_not_judged() {
    bench.prober.set(MASTER, Behaviour.NO_MEANS);
    bench.apply(sense());
    bench.advance(60_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UNKNOWN);
    assertThat(bench.monitor.ready()).isFalse();
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.advance(300);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.monitor.ready()).isTrue();
  }

  @Test
  void an_episode_is_an_event_at_its_begin_and_after_a_while_without_a_failure() {
    bench.begin(sense());
    assertThat(bench.monitor.alarms()).isEmpty();
    for (int i = 0; i < 1_000; i++) {
      bench.monitor.localFailure(LocalFailure.DESCRIPTORS);
      bench.advance(20);
    }
    assertThat(told()).hasSize(1);
    assertThat(told().getFirst().resource()).isEqualTo(LocalFailure.DESCRIPTORS);
    assertThat(told().getFirst().over()).isFalse();
    assertThat(told().getFirst().message()).contains("too many open files", "against no server");
    assertThat(bench.monitor.alarms())
        .singleElement()
        .satisfies(alarm -> assertThat(alarm.kind()).isEqualTo(Alarm.Kind.LOCAL_FAILURE))
        .satisfies(
            alarm -> assertThat(alarm.message()).contains("too many open files", "failures"));

    bench.advance(LocalFailures.QUIET.toMillis() + 200);
    assertThat(bench.monitor.alarms()).isEmpty();
    assertThat(told()).hasSize(2);
    assertThat(told().getLast().over()).isTrue();
    assertThat(told().getLast().failures()).isEqualTo(1_000);
  }

  @Test
  void each_resource_has_an_episode_of_its_own() {
    bench.begin(sense());
    bench.monitor.localFailure(LocalFailure.DESCRIPTORS);
    bench.monitor.localFailure(LocalFailure.PORTS);
    bench.advance(3_000);
    assertThat(told())
        .extracting(ResourceExhausted::resource)
        .containsExactlyInAnyOrder(LocalFailure.DESCRIPTORS, LocalFailure.PORTS);
    assertThat(bench.monitor.alarms()).hasSize(2);
  }
}
