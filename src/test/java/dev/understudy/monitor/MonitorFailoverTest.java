package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.Event.HealthChanged;
import dev.understudy.monitor.Event.Switched;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.FailbackSettings.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitorFailoverTest {
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void the_master_serves_first_and_the_event_says_so() {
    bench.begin(sense());
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().epoch()).isEqualTo(1);
    assertThat(bench.pool().reason()).isEqualTo(SwitchReason.INITIAL);
    assertThat(bench.switches()).hasSize(1);
    assertThat(bench.switches().getFirst().from()).isNull();
    assertThat(bench.switches().getFirst().took()).isNull();
  }

  @Test
  void first_probes_start_at_once() {
    bench.apply(sense());
    assertThat(bench.prober.starts(MASTER)).containsExactly(0L);
    assertThat(bench.prober.starts(BACKUP)).containsExactly(0L);
  }

  @Test
  void a_killed_master_under_traffic_is_left_within_a_quarter_of_a_second() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.monitor.trouble(
        bench.server(MASTER), Trouble.CONNECT_FAILED, bench.scheduler.now(), "refused");
    assertThat(bench.advanceUntilServing(BACKUP)).isLessThan(250);
    assertThat(bench.pool().epoch()).isEqualTo(2);
    Switched event = bench.switches().getLast();
    assertThat(event.from()).isEqualTo(MASTER);
    assertThat(event.to()).isEqualTo(BACKUP);
    assertThat(event.reason()).isEqualTo(SwitchReason.CONNECTION_FAILED);
    assertThat(event.took()).isNotNull().isLessThan(Duration.ofMillis(250));
    assertThat(event.evidence()).contains("connection refused");
    assertThat(event.message()).contains("sense", "sen1 serves instead of sen2", "refused");
  }

  @Test
  void a_master_killed_behind_a_relay_is_left_as_quickly() {
    bench.begin(sense());
    bench.advance(500);
    bench.prober.set(MASTER, Behaviour.KILLED_BEHIND_RELAY);
    bench.monitor.trouble(bench.server(MASTER), Trouble.BROKEN, bench.scheduler.now(), "reset");
    assertThat(bench.advanceUntilServing(BACKUP)).isLessThan(100);
    assertThat(bench.switches().getLast().reason()).isEqualTo(SwitchReason.HEALTH_CHECK_FAILED);
  }

  @Test
  void a_killed_master_without_traffic_is_found_by_its_next_probe() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.KILLED);
    assertThat(bench.advanceUntilServing(BACKUP)).isLessThanOrEqualTo(2_000);
  }

  @Test
  void a_master_that_freezes_under_traffic_is_left_after_a_second_and_three_quarters() {
    bench.begin(sense());
    bench.advance(500);
    bench.prober.set(MASTER, Behaviour.FROZEN);
    ServerState master = bench.server(MASTER);
    // The data plane saw a request wait for fast-interval without a byte.
    var started = bench.scheduler.now();
    bench.advance(250);
    bench.monitor.trouble(master, Trouble.SILENT, started, "no byte for 250 ms");
    assertThat(250 + bench.advanceUntilServing(BACKUP)).isEqualTo(1_750);
    assertThat(bench.reasons())
        .containsExactly(SwitchReason.INITIAL, SwitchReason.HEALTH_CHECK_FAILED);
    assertThat(bench.switches().getLast().took()).isEqualTo(Duration.ofMillis(1_750));
  }

  @Test
  void a_frozen_master_is_suspected_by_a_probe_that_waits_too() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.FROZEN);
    // The next probe starts at 2 s; that it waits is seen at 2.25 s, the third times out at 3.5 s.
    bench.advanceUntilServing(BACKUP);
    assertThat(bench.time()).isEqualTo(3_500);
    assertThat(bench.prober.starts(MASTER)).contains(2_000L, 2_250L, 2_500L, 2_750L);
  }

  @Test
  void a_black_holed_master_is_left_as_soon() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.BLACK_HOLED);
    bench.monitor.trouble(
        bench.server(MASTER), Trouble.CONNECT_TIMED_OUT, bench.scheduler.now(), "no connection");
    assertThat(bench.advanceUntilServing(BACKUP)).isLessThanOrEqualTo(2_000);
  }

  @Test
  void a_slow_status_page_of_a_silent_server_costs_probes_and_nothing_more() {
    bench.prober.set(MASTER, Behaviour.SLOW);
    bench.begin(sense());
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().epoch()).isEqualTo(1);
    assertThat(bench.prober.probes(MASTER)).isLessThan(3 * 30);
  }

  @Test
  void a_server_that_sends_bytes_elsewhere_is_not_suspected_because_a_probe_waits() {
    bench.prober.set(MASTER, Behaviour.SLOW);
    bench.begin(sense());
    long before = bench.prober.probes(MASTER);
    for (int i = 0; i < 600; i++) {
      bench.advance(100);
      bench.server(MASTER).traffic().byteReceived(bench.scheduler.nanoTime());
    }
    assertThat(bench.prober.probes(MASTER) - before).isEqualTo(30);
  }

  @Test
  void the_role_goes_back_when_the_master_returns() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
    assertThat(bench.server(MASTER).leftServing()).isEqualTo(bench.scheduler.now());
    assertThat(bench.server(BACKUP).leftServing()).isNull();
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.advanceUntilServing(MASTER);
    assertThat(bench.reasons())
        .containsExactly(
            SwitchReason.INITIAL, SwitchReason.CONNECTION_FAILED, SwitchReason.FAILBACK);
    assertThat(bench.pool().epoch()).isEqualTo(3);
    assertThat(bench.server(MASTER).leftServing()).isNull();
    assertThat(bench.server(BACKUP).leftServing()).isEqualTo(bench.scheduler.now());
  }

  @Test
  void a_delayed_failback_happens_by_itself_when_its_time_has_come() {
    bench.begin(with(sense(), Policy.DELAYED));
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    while (bench.server(MASTER).status() != HealthStatus.UP) {
      bench.advance(1);
    }
    assertThat(bench.advanceUntilServing(MASTER)).isBetween(29_998L, 30_001L);
  }

  @Test
  void a_flapping_master_gets_the_role_back_ever_later() {
    bench.begin(sense());
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      bench.prober.set(MASTER, Behaviour.KILLED);
      bench.advanceUntilServing(BACKUP);
      bench.prober.set(MASTER, Behaviour.HEALTHY);
      while (bench.server(MASTER).status() != HealthStatus.UP) {
        bench.advance(1);
      }
      waits.add(bench.advanceUntilServing(MASTER) / 1000);
    }
    assertThat(waits.get(0)).isZero();
    assertThat(waits.get(1)).isGreaterThanOrEqualTo(19);
    assertThat(waits.get(2)).isGreaterThan(waits.get(1));
    assertThat(bench.switches().getLast().evidence()).contains("damped");
  }

  @Test
  void when_no_server_is_left_a_master_with_bad_responses_keeps_the_role() {
    bench.begin(sense());
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.prober.set(MASTER, Behaviour.ILL);
    bench.advance(10_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.serving()).isEqualTo(MASTER);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(null);
    assertThat(bench.reasons()).endsWith(SwitchReason.NO_SERVER);
    bench.prober.set(BACKUP, Behaviour.HEALTHY);
    bench.advanceUntilServing(BACKUP);
    assertThat(bench.reasons()).endsWith(SwitchReason.NO_SERVER, SwitchReason.RECOVERED);
  }

  @Test
  void events_come_in_order_each_with_its_reason() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.ILL);
    bench.advanceUntilServing(BACKUP);
    List<Event> events = bench.events();
    assertThat(events).hasSize(5);
    assertThat(events.subList(3, 5))
        .satisfiesExactly(
            health ->
                assertThat(health)
                    .isInstanceOfSatisfying(
                        HealthChanged.class,
                        change -> {
                          assertThat(change.server()).isEqualTo(MASTER);
                          assertThat(change.from()).isEqualTo(HealthStatus.UP);
                          assertThat(change.to()).isEqualTo(HealthStatus.DOWN);
                          assertThat(change.evidence()).contains("status 503");
                        }),
            change -> assertThat(change).isInstanceOf(Switched.class));
  }

  @Test
  void a_server_judged_down_has_another_incarnation_and_reports_on_the_old_one_are_dropped() {
    bench.begin(sense());
    ServerState before = bench.server(MASTER);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.advanceUntilServing(MASTER);
    assertThat(bench.server(MASTER).incarnation()).isNotEqualTo(before.incarnation());
    assertThat(bench.server(MASTER).traffic()).isSameAs(before.traffic());
    long probes = bench.prober.probes(MASTER);
    bench.monitor.trouble(before, Trouble.BROKEN, bench.scheduler.now(), "late news");
    bench.advance(100);
    assertThat(bench.prober.probes(MASTER)).isEqualTo(probes);
    bench.monitor.trouble(bench.server(MASTER), Trouble.BROKEN, bench.scheduler.now(), "news");
    bench.advance(160);
    assertThat(bench.prober.probes(MASTER)).isEqualTo(probes + 1);
  }

  @Test
  void live_traffic_alone_never_makes_a_server_down_and_a_flood_of_reports_costs_few_probes() {
    bench.begin(sense());
    long before = bench.prober.probes(MASTER);
    for (int i = 0; i < 1_000; i++) {
      for (Trouble trouble : Trouble.values()) {
        bench.monitor.trouble(bench.server(MASTER), trouble, bench.scheduler.now(), "flood");
      }
      bench.advance(10);
    }
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.prober.probes(MASTER) - before).isLessThanOrEqualTo(10_000 / 25 + 1);
  }

  @Test
  void the_newest_probe_shows_within_a_moment() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.ILL);
    bench.advance(1_200);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.server(MASTER).lastProbe())
        .isNotNull()
        .satisfies(
            probe -> {
              assertThat(probe.outcome()).isEqualTo(ProbeOutcome.BAD_STATUS);
              assertThat(probe.took()).hasMillis(5);
              assertThat(probe.detail()).isEqualTo("status 503");
            });
  }

  @Test
  void a_prober_that_fails_counts_as_a_bad_probe() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.BROKEN_PROBER);
    bench.advanceUntilServing(BACKUP);
    assertThat(bench.switches().getLast().evidence()).contains("could not be started");
  }

  @Test
  void only_the_first_of_two_results_of_a_probe_counts() {
    bench.begin(sense());
    bench.prober.set(MASTER, Behaviour.DOUBLE);
    bench.advance(20_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.server(MASTER).lastProbe().outcome()).isEqualTo(ProbeOutcome.OK);
  }
}
