package dev.understudy.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.FakeNameServer;
import dev.understudy.testing.Rows;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names and addresses, as a name server that changes its mind gives them. */
class DnsAddressResolverTest {
  private static final String NAME = "app.understudy.example";

  @TempDir Path folder;

  private Path hosts;
  @AutoClose private FakeNameServer nameServer;
  @AutoClose private DnsAddressResolver resolver;

  @BeforeEach
  void start() throws Exception {
    hosts = Files.writeString(folder.resolve("hosts"), "192.0.2.77 table.example\n");
    nameServer = new FakeNameServer();
    resolver = new DnsAddressResolver(nameServer.address(), hosts.toFile());
  }

  private List<InetAddress> resolve(String name) {
    return resolution(name).join();
  }

  private CompletableFuture<List<InetAddress>> resolution(String name) {
    CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
    resolver.resolve(name, found::complete);
    return found.orTimeout(40, TimeUnit.SECONDS);
  }

  private static InetAddress ip(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private List<ServiceRecord> services(String name) {
    return search(name).join();
  }

  private CompletableFuture<List<ServiceRecord>> search(String name) {
    CompletableFuture<List<ServiceRecord>> found = new CompletableFuture<>();
    resolver.services(name, found::complete);
    return found.orTimeout(40, TimeUnit.SECONDS);
  }

  /** Else a forged response would have to guess the query's number alone. */
  @Test
  void each_resolution_has_a_port_of_its_own() {
    for (int i = 0; i < 8; i++) {
      resolve(i + "." + NAME);
    }
    assertThat(nameServer.ports()).hasSizeGreaterThan(2);
  }

  @Test
  void services_are_read_with_priority_port_and_target() {
    nameServer.services(
        "_http._tcp.understudy.example",
        new FakeNameServer.Service(20, 8081, "Two.understudy.example"),
        new FakeNameServer.Service(10, 65_535, "one.understudy.example"),
        new FakeNameServer.Service(10, 0, "broken.understudy.example"));
    assertThat(services("_http._tcp.understudy.example"))
        .containsExactlyInAnyOrder(
            new ServiceRecord(20, "two.understudy.example", 8081),
            new ServiceRecord(10, "one.understudy.example", 65_535));
    assertThat(services("_none._tcp.understudy.example")).isEmpty();
    assertThat(services("no name at all ".repeat(40))).isEmpty();
  }

  @Test
  void other_name_servers_are_asked_as_soon_as_they_are_named() {
    try (FakeNameServer other = new FakeNameServer()) {
      nameServer.answer(NAME, 60, ip("192.0.2.1"));
      other.answer(NAME, 60, ip("192.0.2.2"));
      assertThat(resolve(NAME)).containsExactly(ip("192.0.2.1"));
      resolver.nameServersAt(List.of("127.0.0.1:" + other.address().getPort()));
      assertThat(resolve(NAME)).containsExactly(ip("192.0.2.2"));
    }
  }

  /** The first is silent; what is asked of it would be found nowhere, after its timeouts. */
  @Test
  void other_name_servers_are_asked_for_what_is_still_open() {
    nameServer.silent(true);
    try (FakeNameServer other = new FakeNameServer()) {
      other.answer(NAME, 60, ip("192.0.2.2"));
      other.services("_http._tcp." + NAME, new FakeNameServer.Service(1, 80, "a.example"));
      CompletableFuture<List<InetAddress>> addresses = resolution(NAME);
      CompletableFuture<List<ServiceRecord>> services = search("_http._tcp." + NAME);
      CompletableFuture<List<InetAddress>> nothing = resolution("unknown." + NAME);
      resolver.nameServersAt(List.of("127.0.0.1:" + other.address().getPort()));
      assertThat(addresses.join()).containsExactly(ip("192.0.2.2"));
      assertThat(services.join()).containsExactly(new ServiceRecord(1, "a.example", 80));
      assertThat(nothing.join()).isEmpty();
    }
  }

  @Rows(
      """
      addresses keep the order of the name server | 192.0.2.9 192.0.2.1 192.0.2.5 | 192.0.2.9 192.0.2.1 192.0.2.5
      IPv6 is used where there is no IPv4         | 2001:db8::1                   | 2001:db8::1
      """)
  void a_name_has_the_addresses_of_the_name_server(String says, String answer, String expected) {
    nameServer.answer(NAME, 60, ips(answer));
    assertThat(resolve(NAME)).containsExactly(ips(expected));
  }

  @Test
  void ipv4_comes_before_ipv6() {
    nameServer.answer(NAME, 60, ips("2001:db8::1 192.0.2.1"));
    assertThat(resolve(NAME).get(0)).isEqualTo(ip("192.0.2.1"));
  }

  private static InetAddress[] ips(String literals) {
    return Stream.of(literals.split(" ", -1))
        .map(DnsAddressResolverTest::ip)
        .toArray(InetAddress[]::new);
  }

  @Test
  void answer_is_kept_while_it_holds() {
    nameServer.answer(NAME, 3600, ip("192.0.2.1"));
    resolve(NAME);
    nameServer.answer(NAME, 3600, ip("192.0.2.2"));
    assertThat(resolve(NAME)).containsExactly(ip("192.0.2.1"));
    assertThat(nameServer.queries()).isEqualTo(1);
  }

  @Test
  void answer_is_not_kept_when_its_ttl_is_0() {
    nameServer.answer(NAME, 0, ip("192.0.2.1"));
    assertThat(resolve(NAME)).containsExactly(ip("192.0.2.1"));
    nameServer.answer(NAME, 0, ip("192.0.2.2"));
    // Netty forgets it on the event loop's next turn; this makes sure of one.
    resolve("another.example");
    assertThat(resolve(NAME)).containsExactly(ip("192.0.2.2"));
  }

  static List<Integer> ttls() {
    return Extent.sample(List.of(1, 3600));
  }

  @Tag(Extent.FULL)
  @ParameterizedTest(name = "of {0} s")
  @MethodSource("ttls")
  void answer_is_asked_for_again_after_its_ttl_or_5_s(int ttl) throws Exception {
    nameServer.answer(NAME, ttl, ip("192.0.2.1"));
    resolve(NAME);
    nameServer.answer(NAME, ttl, ip("192.0.2.2"));
    Await.until("the new address", () -> resolve(NAME).equals(List.of(ip("192.0.2.2"))));
  }

  @Tag(Extent.SLOW)
  @Test
  void alias_is_asked_for_again_after_5_s_whatever_its_ttl() throws Exception {
    nameServer.answer("a.example", 3600, ip("192.0.2.1"));
    nameServer.answer("b.example", 3600, ip("192.0.2.2"));
    nameServer.alias(NAME, 3600, "a.example");
    assertThat(resolve(NAME)).containsExactly(ip("192.0.2.1"));
    nameServer.alias(NAME, 3600, "b.example");
    Await.until("the new address", () -> resolve(NAME).equals(List.of(ip("192.0.2.2"))));
  }

  @Test
  void unknown_name_has_no_address_and_is_asked_for_again_at_once() {
    assertThat(resolve(NAME)).isEmpty();
    nameServer.answer(NAME, 60, ip("192.0.2.1"));
    assertThat(resolve(NAME)).containsExactly(ip("192.0.2.1"));
  }

  @Test
  void name_that_is_none_has_no_address() {
    assertThat(resolve("a..b")).isEmpty();
    assertThat(resolve("x".repeat(300))).isEmpty();
  }

  @Test
  void silent_name_server_ends_in_no_address() {
    nameServer.silent(true);
    assertThat(resolve(NAME)).isEmpty();
  }

  @Test
  void literals_are_answered_without_asking() {
    assertThat(resolve("192.0.2.3")).containsExactly(ip("192.0.2.3"));
    assertThat(resolve("2001:db8::3")).containsExactly(ip("2001:db8::3"));
    assertThat(nameServer.queries()).isZero();
  }

  @Tag(Extent.SLOW)
  @Test
  void table_of_hosts_comes_first_and_is_read_again() throws Exception {
    nameServer.answer("table.example", 0, ip("192.0.2.1"));
    assertThat(resolve("TABLE.example")).containsExactly(ip("192.0.2.77"));
    Files.writeString(hosts, "192.0.2.78 table.example\n");
    Await.until(
        "the new address", () -> resolve("table.example").equals(List.of(ip("192.0.2.78"))));
    assertThat(nameServer.queries()).isZero();
  }

  @Test
  void localhost_is_the_loopback_address_without_any_table() {
    assertThat(resolve("localhost")).containsExactly(ip("127.0.0.1"));
  }

  @Test
  void resolver_of_the_system_knows_localhost() {
    resolver.close();
    resolver = new DnsAddressResolver();
    assertThat(resolve("localhost").get(0).isLoopbackAddress()).isTrue();
  }
}
