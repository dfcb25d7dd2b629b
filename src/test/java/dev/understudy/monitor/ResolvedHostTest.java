package dev.understudy.monitor;

import static dev.understudy.monitor.FakeResolver.address;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.probe.AddressResolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResolvedHostTest {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final FakeResolver resolver = new FakeResolver();
  private final List<String> told = new ArrayList<>();

  private ResolvedHost host(String host, AddressResolver from) {
    return new ResolvedHost(
        host,
        from,
        scheduler,
        address -> told.add(address == null ? "unresolved" : address.getHostAddress()));
  }

  private ResolvedHost start(String name) {
    ResolvedHost host = host(name, resolver);
    host.start();
    scheduler.settle();
    return host;
  }

  @Test
  void an_ip_literal_is_never_asked_for() {
    assertThat(start("192.0.2.7").current()).isEqualTo(address("192.0.2.7"));
    assertThat(start("2001:db8::1").current()).isEqualTo(address("2001:db8::1"));
    assertThat(resolver.asked).isEmpty();
    assertThat(scheduler.pendingTimers()).isZero();
  }

  @Test
  void a_resolver_that_fails_counts_as_no_answer_and_is_queried_again() {
    List<String> asked = new ArrayList<>();
    AddressResolver broken =
        (name, done) -> {
          asked.add(name);
          throw new IllegalStateException("as the test wants");
        };
    host("master.example", broken).start();
    assertThat(told).as("never from within start").isEmpty();
    scheduler.advance(ResolvedHost.REFRESH);
    assertThat(told).containsExactly("unresolved", "unresolved");
    assertThat(asked).hasSize(2);
  }

  @Test
  void a_name_is_resolved_again_and_a_change_is_reported_once() {
    resolver.set("master", "192.0.2.1");
    ResolvedHost resolution = start("master");
    scheduler.advance(Duration.ofSeconds(10));
    resolver.set("master", "192.0.2.2");
    scheduler.advance(Duration.ofSeconds(10));
    assertThat(told).containsExactly("192.0.2.1", "192.0.2.2");
    assertThat(resolution.current()).isEqualTo(address("192.0.2.2"));
    assertThat(resolver.asked).hasSizeGreaterThan(4);
  }

  @Test
  void an_address_that_is_still_among_the_answers_is_kept() {
    resolver.set("master", "192.0.2.1", "192.0.2.2");
    start("master");
    resolver.set("master", "192.0.2.2", "192.0.2.1");
    scheduler.advance(Duration.ofSeconds(10));
    assertThat(told).containsExactly("192.0.2.1");
  }

  @Test
  void the_last_good_answer_is_kept_when_names_fail() {
    resolver.set("master", "192.0.2.1");
    ResolvedHost resolution = start("master");
    resolver.set("master");
    scheduler.advance(Duration.ofSeconds(60));
    assertThat(told).containsExactly("192.0.2.1");
    assertThat(resolution.current()).isEqualTo(address("192.0.2.1"));
  }

  @Test
  void a_name_that_never_had_an_address_is_reported_and_resolved_again() {
    start("master");
    assertThat(told).containsExactly("unresolved");
    resolver.set("master", "192.0.2.1");
    scheduler.advance(ResolvedHost.REFRESH);
    assertThat(told).containsExactly("unresolved", "192.0.2.1");
  }

  @Test
  void a_query_without_an_answer_is_sent_again() {
    resolver.silent(true);
    resolver.set("master", "192.0.2.1");
    start("master");
    scheduler.advance(RepeatedQuery.TIMEOUT);
    assertThat(told).containsExactly("unresolved");
    resolver.silent(false);
    scheduler.advance(ResolvedHost.REFRESH);
    assertThat(told).containsExactly("unresolved", "192.0.2.1");
  }

  @Test
  void stopped_it_asks_no_more() {
    resolver.set("master", "192.0.2.1");
    start("master").stop();
    scheduler.advance(Duration.ofSeconds(60));
    assertThat(resolver.asked).hasSize(1);
  }
}
