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
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.Pool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitorNamesTest {
  private static final Pool NAMED = with(sense(), master("master.example"), backup("192.0.2.1"));

  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private String address() {
    return bench.server(MASTER).address().getAddress().getHostAddress();
  }

  @Test
  void another_address_is_another_incarnation_once_its_first_probe_has_decided() {
    bench.resolver.set("master.example", "192.0.2.2");
    bench.begin(NAMED);
    ServerState before = bench.server(MASTER);
    assertThat(before.address().getPort()).isEqualTo(8079);
    bench.prober.set("192.0.2.9", Behaviour.SLOW);
    bench.resolver.set("master.example", "192.0.2.9");
    bench.advance(1_200);
    assertThat(address()).isEqualTo("192.0.2.2");
    assertThat(bench.server(MASTER).incarnation()).isEqualTo(before.incarnation());
    bench.advance(400);
    assertThat(address()).isEqualTo("192.0.2.9");
    assertThat(bench.server(MASTER).incarnation()).isNotEqualTo(before.incarnation());
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().epoch()).isEqualTo(1);
    int so = bench.prober.requests.size();
    bench.advance(10_000);
    assertThat(bench.prober.requests.subList(so, bench.prober.requests.size()))
        .filteredOn(request -> request.server().id().equals(MASTER))
        .isNotEmpty()
        .allMatch(request -> request.address().getHostAddress().equals("192.0.2.9"));
  }

  @Test
  void a_new_address_without_a_listener_is_down_at_once() {
    bench.resolver.set("master.example", "192.0.2.2");
    bench.begin(NAMED);
    bench.prober.set("192.0.2.9", Behaviour.KILLED);
    bench.resolver.set("master.example", "192.0.2.9");
    bench.advance(1_500);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.reasons()).endsWith(SwitchReason.CONNECTION_FAILED);
  }

  @Test
  void a_frozen_old_address_does_not_hold_the_new_one_up() {
    bench.resolver.set("master.example", "192.0.2.2");
    bench.begin(NAMED);
    bench.prober.set("192.0.2.2", Behaviour.FROZEN);
    bench.advance(3_000);
    bench.resolver.set("master.example", "192.0.2.9");
    bench.advance(1_010);
    assertThat(address()).isEqualTo("192.0.2.9");
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    bench.advance(10_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void an_address_that_comes_back_while_the_other_is_tried_stays_in_use() {
    bench.resolver.set("master.example", "192.0.2.2");
    bench.begin(NAMED);
    ServerState before = bench.server(MASTER);
    bench.prober.set("192.0.2.9", Behaviour.FROZEN);
    bench.resolver.set("master.example", "192.0.2.9");
    bench.advance(1_000);
    bench.resolver.set("master.example", "192.0.2.2");
    bench.advance(10_000);
    assertThat(address()).isEqualTo("192.0.2.2");
    assertThat(bench.server(MASTER).incarnation()).isEqualTo(before.incarnation());
    assertThat(bench.pool().epoch()).isEqualTo(1);
  }

  @Test
  void the_last_good_address_stays_in_use_when_names_fail() {
    bench.resolver.set("master.example", "192.0.2.2");
    bench.begin(NAMED);
    bench.resolver.set("master.example");
    bench.advance(60_000);
    assertThat(address()).isEqualTo("192.0.2.2");
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void a_name_without_an_address_is_down_until_it_has_one() {
    bench.begin(NAMED);
    assertThat(bench.server(MASTER).address()).isNull();
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.server(MASTER).lastProbe().outcome()).isEqualTo(ProbeOutcome.UNRESOLVED);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    bench.advance(5_000);
    bench.resolver.set("master.example", "192.0.2.2");
    bench.advance(1_010);
    assertThat(address()).isEqualTo("192.0.2.2");
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.server(MASTER).lastProbe().outcome()).isEqualTo(ProbeOutcome.OK);
    bench.advanceUntilServing(MASTER);
  }
}
