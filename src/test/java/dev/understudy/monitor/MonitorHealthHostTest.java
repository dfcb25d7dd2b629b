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
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerSettings;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A master that is probed at another host. */
class MonitorHealthHostTest {
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private static Pool probedAt(String own, String host) {
    Server master = master(own);
    return with(
        sense(),
        new Server(
            master.id(),
            master.address(),
            null,
            new ServerSettings(
                master.rank(),
                master.settings().maxRequests(),
                master.settings().weight(),
                OptionalInt.empty(),
                host,
                null)),
        backup("192.0.2.1"));
  }

  private String lastProbed() {
    return bench.prober.requests.stream()
        .filter(request -> request.server().id().equals(MASTER))
        .reduce((a, b) -> b)
        .orElseThrow()
        .address()
        .getHostAddress();
  }

  private String address() {
    return bench.server(MASTER).address().getAddress().getHostAddress();
  }

  @Test
  void probes_go_there_and_requests_to_the_server() {
    bench.prober.set("192.0.2.2", Behaviour.KILLED);
    bench.begin(probedAt("192.0.2.2", "192.0.2.9"));
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(lastProbed()).isEqualTo("192.0.2.9");
    assertThat(address()).isEqualTo("192.0.2.2");

    bench.prober.set("192.0.2.9", Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
  }

  @Test
  void its_name_is_followed_and_the_server_stays_the_same() {
    bench.resolver.set("check.example", "192.0.2.9");
    bench.begin(probedAt("192.0.2.2", "check.example"));
    long incarnation = bench.server(MASTER).incarnation();
    bench.resolver.set("check.example", "192.0.2.10");
    bench.advance(5_000);
    assertThat(lastProbed()).isEqualTo("192.0.2.10");
    assertThat(address()).isEqualTo("192.0.2.2");
    assertThat(bench.server(MASTER).incarnation()).isEqualTo(incarnation);
  }

  @Test
  void a_name_without_an_address_makes_the_server_down_until_it_has_one() {
    bench.begin(probedAt("192.0.2.2", "check.example"));
    bench.advance(10_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.server(MASTER).lastProbe().outcome()).isEqualTo(ProbeOutcome.UNRESOLVED);
    assertThat(bench.server(MASTER).lastProbe().detail()).contains("check.example");
    assertThat(bench.serving()).isEqualTo(BACKUP);
    bench.resolver.set("check.example", "192.0.2.9");
    bench.advanceUntilServing(MASTER);
  }

  @Test
  void a_new_address_of_the_server_is_judged_by_a_probe_there() {
    bench.resolver.set("master.example", "192.0.2.2");
    bench.prober.set("192.0.2.3", Behaviour.KILLED);
    bench.begin(probedAt("master.example", "192.0.2.9"));
    bench.resolver.set("master.example", "192.0.2.3");
    bench.advance(5_000);
    assertThat(address()).isEqualTo("192.0.2.3");
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(lastProbed()).isEqualTo("192.0.2.9");
  }

  @Test
  void a_new_file_sends_the_probes_elsewhere_and_keeps_the_server() {
    bench.begin(sense());
    long incarnation = bench.server(MASTER).incarnation();
    bench.apply(probedAt("192.0.2.2", "192.0.2.9"));
    bench.advance(5_000);
    assertThat(lastProbed()).isEqualTo("192.0.2.9");
    bench.apply(sense());
    bench.advance(5_000);
    assertThat(lastProbed()).isEqualTo("192.0.2.2");
    assertThat(bench.server(MASTER).incarnation()).isEqualTo(incarnation);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void what_was_seen_at_the_old_host_does_not_count_at_the_new_one() {
    bench.begin(probedAt("192.0.2.2", "192.0.2.8"));
    bench.prober.set("192.0.2.8", Behaviour.FROZEN);
    bench.advance(2_300);
    bench.apply(probedAt("192.0.2.2", "192.0.2.9"));
    bench.advance(10_000);
    assertThat(bench.reasons()).containsExactly(SwitchReason.INITIAL);
  }

  @Test
  void a_name_of_a_new_file_has_the_time_of_a_probe_to_be_resolved() {
    bench.begin(sense());
    bench.advance(500);
    bench.resolver.silent(true);
    bench.apply(probedAt("192.0.2.2", "check.example"));
    bench.advance(900);
    assertThat(bench.outcomes).containsOnly(ProbeOutcome.OK);
  }
}
