package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.probe.ServiceRecord;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that come and go with DNS records. */
class MonitorDiscoveryTest {
  private static final String NAME = "app.example";
  private static final ServerId ONE = new ServerId("app-10-0-0-1");
  private static final ServerId TWO = new ServerId("app-10-0-0-2");

  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private static ServerTemplate template(boolean service, int count, int weight) {
    return new ServerTemplate(
        new ServerId("app"),
        TestSettings.address(false, service ? "_http._tcp." + NAME : NAME, 8080),
        service ? ServerTemplate.Records.SERVICES : ServerTemplate.Records.ADDRESSES,
        count,
        TestServers.settings(Rank.MASTER, OptionalInt.empty(), weight),
        Duration.ofSeconds(10));
  }

  private static Pool pool(PoolMode mode, ServerTemplate template) {
    return TestPools.pool(SENSE).mode(mode).templates(template).build();
  }

  private static Pool failover() {
    return pool(PoolMode.FAILOVER, template(false, 3, 1));
  }

  private List<String> servers() {
    return bench.pool().servers().stream().map(each -> each.server().id().value()).toList();
  }

  @Test
  void each_address_of_the_name_is_a_server_that_is_probed_there() {
    bench.resolver.set(NAME, "10.0.0.2", "10.0.0.1");
    bench.begin(failover());
    assertThat(servers()).containsExactly("app-10-0-0-1", "app-10-0-0-2");
    ServerState one = bench.server(ONE);
    assertThat(one.status()).isEqualTo(HealthStatus.UP);
    assertThat(one.address().getAddress().getHostAddress()).isEqualTo("10.0.0.1");
    assertThat(one.address().getPort()).isEqualTo(8080);
    assertThat(one.server().address().host()).isEqualTo(NAME);
    assertThat(bench.serving()).isEqualTo(ONE);
  }

  @Test
  void a_replica_is_not_ready_before_the_first_response_and_the_probes_of_its_servers() {
    bench.resolver.silent(true);
    bench.apply(failover());
    bench.advance(4_900);
    assertThat(bench.monitor.ready()).isFalse();
    assertThat(servers()).isEmpty();
    bench.resolver.silent(false);
    bench.resolver.set(NAME, "10.0.0.1");
    bench.advance(1_200);
    assertThat(bench.monitor.ready()).isTrue();
  }

  @Test
  void a_name_without_addresses_gives_a_pool_without_servers_and_keeps_no_replica_from_ready() {
    bench.begin(failover());
    assertThat(servers()).isEmpty();
    assertThat(bench.serving()).isNull();
    bench.resolver.set(NAME, "10.0.0.1");
    bench.advance(2_000);
    assertThat(bench.serving()).isEqualTo(ONE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 10_000})
  void a_restart_keeps_the_role_until_the_name_has_addresses(int wait, @TempDir Path directory) {
    Bench.withFile(
        directory,
        first -> {
          first.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
          first.begin(failover());
          first.prober.set("10.0.0.1", Behaviour.KILLED);
          first.advanceUntilServing(TWO);
        });
    Bench.withFile(
        directory,
        second -> {
          second.apply(failover());
          second.advance(wait);
          second.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
          second.advance(2_000);
          assertThat(second.serving()).isEqualTo(TWO);
          assertThat(second.pool().epoch()).isEqualTo(2);
        });
  }

  @Test
  void a_server_that_stays_is_not_touched_by_others_that_come_and_go() {
    bench.resolver.set(NAME, "10.0.0.1");
    bench.begin(failover());
    long incarnation = bench.server(ONE).incarnation();
    bench.resolver.set(NAME, "10.0.0.2", "10.0.0.1", "10.0.0.0");
    bench.advance(2_000);
    assertThat(servers()).containsExactly("app-10-0-0-0", "app-10-0-0-1", "app-10-0-0-2");
    bench.resolver.set(NAME, "10.0.0.1");
    bench.advance(15_000);
    assertThat(servers()).containsExactly("app-10-0-0-1");
    assertThat(bench.server(ONE).incarnation()).isEqualTo(incarnation);
    assertThat(bench.pool().epoch()).isEqualTo(1);
  }

  @Test
  void when_the_serving_servers_record_has_gone_another_serves_after_the_hold() {
    bench.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
    bench.begin(failover());
    bench.resolver.set(NAME, "10.0.0.2");
    bench.advance(9_000);
    assertThat(bench.serving()).isEqualTo(ONE);
    bench.advance(3_000);
    assertThat(bench.serving()).isEqualTo(TWO);
    assertThat(bench.reasons()).endsWith(SwitchReason.CONFIGURATION);
  }

  @Test
  void the_servers_stay_while_names_fail() {
    bench.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
    bench.begin(failover());
    bench.resolver.set(NAME);
    bench.advance(60_000);
    bench.resolver.silent(true);
    bench.advance(60_000);
    assertThat(servers()).hasSize(2);
    assertThat(bench.serving()).isEqualTo(ONE);
  }

  @Test
  void a_server_is_judged_by_its_own_probes() {
    bench.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
    bench.begin(pool(PoolMode.BALANCE, template(false, 3, 1)));
    bench.prober.set("10.0.0.1", Behaviour.KILLED);
    bench.advance(5_000);
    assertThat(bench.server(ONE).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(bench.pool().receiving())
        .extracting(each -> each.server().id())
        .containsExactly(TWO);
  }

  @Test
  void service_records_give_hosts_and_ports_in_the_order_of_their_priority() {
    bench.resolver.services(
        "_http._tcp." + NAME,
        new ServiceRecord(20, "a.example", 81),
        new ServiceRecord(10, "b.example", 82));
    bench.resolver.set("a.example", "10.0.0.1");
    bench.resolver.set("b.example", "10.0.0.2");
    bench.begin(pool(PoolMode.FAILOVER, template(true, 3, 1)));
    assertThat(bench.pool().servers())
        .extracting(each -> each.server().address().toString())
        .containsExactly("http://b.example:82", "http://a.example:81");
    assertThat(bench.pool().serving().address().getPort()).isEqualTo(82);
  }

  @Test
  void a_new_file_with_the_same_name_keeps_the_servers_and_gives_them_its_settings() {
    bench.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
    bench.begin(pool(PoolMode.BALANCE, template(false, 3, 1)));
    long incarnation = bench.server(ONE).incarnation();
    bench.apply(pool(PoolMode.BALANCE, template(false, 1, 5)));
    assertThat(servers()).containsExactly("app-10-0-0-1");
    assertThat(bench.server(ONE).server().settings().weight()).isEqualTo(5);
    assertThat(bench.server(ONE).incarnation()).isEqualTo(incarnation);
  }

  @Test
  void servers_have_the_port_and_the_host_for_probes_of_their_entry() {
    bench.resolver.set(NAME, "10.0.0.1");
    bench.begin(pool(PoolMode.BALANCE, template(false, 3, 1)));
    bench.apply(pool(PoolMode.BALANCE, probedAt(template(false, 3, 1), 8008, "192.0.2.9")));
    bench.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
    bench.advance(10_000);
    for (ServerId each : List.of(ONE, TWO)) {
      assertThat(bench.prober.requests)
          .filteredOn(request -> request.server().id().equals(each))
          .last()
          .matches(request -> request.port() == 8008)
          .matches(request -> request.address().getHostAddress().equals("192.0.2.9"));
      assertThat(bench.server(each).address().getPort()).isEqualTo(8080);
    }
  }

  private static ServerTemplate probedAt(ServerTemplate of, int port, String host) {
    return new ServerTemplate(
        of.id(),
        of.address(),
        of.records(),
        of.count(),
        new ServerSettings(
            of.settings().rank(),
            of.settings().maxRequests(),
            of.settings().weight(),
            OptionalInt.of(port),
            host,
            null),
        of.hold());
  }

  @Test
  void an_operators_state_belongs_to_the_address_and_survives_its_absence() {
    StandaloneAgreement kept = StandaloneAgreement.inMemory();
    try (Bench first = new Bench(kept, Bench.NO_JITTER)) {
      first.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
      first.begin(failover());
      first.result(first.monitor.setState(SENSE, TWO, OperatorState.DRAIN, false, null));
      first.resolver.set(NAME, "10.0.0.1");
      first.advance(15_000);
      first.apply(failover());
      first.resolver.set(NAME, "10.0.0.1", "10.0.0.2");
      first.advance(3_000);
      assertThat(first.server(TWO).operatorState()).isEqualTo(OperatorState.DRAIN);
    }
  }

  @Test
  void a_pool_that_is_removed_asks_no_more() {
    bench.resolver.set(NAME, "10.0.0.1");
    bench.begin(failover());
    bench.apply(SensePool.sense());
    bench.apply();
    int asked = bench.resolver.asked.size();
    bench.advance(10_000);
    assertThat(bench.resolver.asked).hasSize(asked);
  }
}
