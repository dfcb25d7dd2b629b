package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.snapshot.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MonitorPublicationTest {
  @AutoClose private final Bench bench = new Bench();

  @Test
  void a_failed_server_and_its_successor_are_published_together() {
    bench.begin(sense());
    List<Snapshot> seen = new ArrayList<>();
    bench.monitor.subscribe(seen::add);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
    assertThat(seen)
        .extracting(snapshot -> snapshot.pool(SensePool.SENSE))
        .allSatisfy(
            pool ->
                assertThat(pool.server(MASTER).status() == HealthStatus.DOWN)
                    .isEqualTo(pool.serving().server().id().equals(BACKUP)));
  }

  @Test
  void versions_grow_by_one_and_subscribers_see_each_in_order() {
    List<Long> seen = new ArrayList<>();
    bench.monitor.subscribe(snapshot -> seen.add(snapshot.version()));
    bench.begin(sense());
    bench.advance(10_000);
    assertThat(seen.getFirst()).isEqualTo(1);
    assertThat(seen.getLast()).isEqualTo(seen.size());
    assertThat(seen).isSorted().doesNotHaveDuplicates();
    assertThat(bench.monitor.current().version()).isEqualTo(seen.size());
  }

  @Test
  void probes_that_say_nothing_new_are_published_together_and_not_at_once() {
    bench.begin(sense());
    List<Snapshot> seen = new ArrayList<>();
    bench.monitor.subscribe(seen::add);
    bench.advance(20_000);
    assertThat(bench.prober.probes(MASTER)).isEqualTo(11);
    assertThat(seen).hasSize(10);
  }

  @Test
  void a_subscriber_that_throws_or_has_left_does_not_disturb_the_others() {
    List<Snapshot> left = new ArrayList<>();
    List<Snapshot> seen = new ArrayList<>();
    bench.monitor.subscribe(
        snapshot -> {
          throw new IllegalStateException("as the test wants");
        });
    Runnable leave = bench.monitor.subscribe(left::add);
    bench.monitor.subscribe(seen::add);
    leave.run();
    bench.begin(sense());
    assertThat(seen).isNotEmpty();
    assertThat(left).isEmpty();
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void probe_listeners_get_every_probe_and_one_that_throws_disturbs_nothing() {
    FakeScheduler scheduler = new FakeScheduler();
    FakeProber prober = new FakeProber(scheduler);
    prober.set(BACKUP, Behaviour.ILL);
    List<String> told = new ArrayList<>();
    try (Monitor monitor =
        Monitor.builder(prober, new FakeResolver())
            .random(Bench.NO_JITTER)
            .probeListener(
                (pool, server, outcome, took) -> {
                  throw new IllegalStateException("as the test wants");
                })
            .probeListener(
                (pool, server, outcome, took) ->
                    told.add(pool + "/" + server + " " + outcome + " " + took.toMillis()))
            .build(scheduler)) {
      monitor.apply(List.of(sense()));
      scheduler.advance(Duration.ofMillis(10));
      assertThat(told)
          .containsExactlyInAnyOrder(
              "sense/sen2 " + ProbeOutcome.OK + " 5", "sense/sen1 BAD_STATUS 5");
      assertThat(monitor.ready()).isTrue();
    }
  }

  @Test
  void probe_listeners_get_the_probe_of_a_name_without_an_address_too() {
    bench.apply(with(sense(), master("master.example")));
    bench.advance(1_000);
    assertThat(bench.outcomes).containsExactly(ProbeOutcome.UNRESOLVED, ProbeOutcome.UNRESOLVED);
  }

  @ParameterizedTest
  @CsvSource({"0, 1800", "9223372036854775807, 2000", "-1, 2200", "-9223372036854775808, 2000"})
  void intervals_vary_by_a_tenth_while_nothing_is_changing(long random, long millis) {
    RandomGenerator fixed = () -> random;
    try (Bench varied = new Bench(StandaloneAgreement.inMemory(), fixed)) {
      varied.begin(sense());
      varied.advance(2_000);
      assertThat(varied.prober.starts(MASTER).get(1)).isBetween(millis - 1, millis);
    }
  }

  @Test
  void while_something_is_changing_nothing_varies() {
    RandomGenerator fixed = () -> 0;
    try (Bench varied = new Bench(StandaloneAgreement.inMemory(), fixed)) {
      varied.begin(sense());
      varied.prober.set(MASTER, Behaviour.ILL);
      varied.advanceUntilServing(BACKUP);
      assertThat(varied.prober.starts(MASTER)).containsExactly(0L, 1_800L, 2_050L, 2_300L);
    }
  }
}
