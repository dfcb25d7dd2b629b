package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.FakeProber.Behaviour;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitorReadinessTest {
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void the_monitor_is_not_ready_before_a_configuration_and_ready_at_once_with_an_empty_one() {
    bench.advance(10_000);
    assertThat(bench.monitor.ready()).isFalse();
    bench.apply();
    assertThat(bench.monitor.ready()).isTrue();
  }

  @Test
  void it_is_ready_when_every_first_probe_has_a_response_or_timed_out() {
    bench.prober.set(BACKUP, Behaviour.FROZEN);
    bench.apply(sense());
    // The backup's second probe began after the master's first response: it met no cold start.
    bench.advance(1_249);
    assertThat(bench.monitor.ready()).isFalse();
    bench.advance(1);
    assertThat(bench.monitor.ready()).isTrue();
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void a_name_that_no_name_server_resolves_is_waited_for_as_long_as_a_probe() {
    bench.resolver.silent(true);
    bench.apply(with(sense(), master("master.example"), backup("192.0.2.1")));
    bench.advance(999);
    assertThat(bench.monitor.ready()).isFalse();
    bench.advance(1);
    assertThat(bench.monitor.ready()).isTrue();
  }

  @Test
  void the_start_is_over_when_all_are_judged_and_chosen_from() {
    List<String> told = new ArrayList<>();
    bench.prober.set(BACKUP, Behaviour.FROZEN);
    bench.monitor.whenStarted(() -> told.add("before"));
    bench.apply(sense());
    bench.advance(1_249);
    assertThat(told).isEmpty();
    bench.advance(1);
    assertThat(told).containsExactly("before");
    assertThat(bench.serving()).isEqualTo(MASTER);
    bench.monitor.whenStarted(() -> told.add("after"));
    bench.advance(10_000);
    assertThat(told).containsExactly("before", "after");
  }

  @Test
  void servers_that_a_reload_adds_do_not_take_readiness_away() {
    bench.begin(with(sense(), master("192.0.2.2")));
    bench.prober.set(BACKUP, Behaviour.FROZEN);
    bench.apply(sense());
    assertThat(bench.monitor.ready()).isTrue();
  }

  @Test
  void a_server_that_a_reload_removes_is_not_waited_for() {
    bench.prober.set(BACKUP, Behaviour.FROZEN);
    bench.apply(sense());
    bench.advance(10);
    assertThat(bench.monitor.ready()).isFalse();
    bench.apply(with(sense(), master("192.0.2.2")));
    assertThat(bench.monitor.ready()).isTrue();
  }
}
