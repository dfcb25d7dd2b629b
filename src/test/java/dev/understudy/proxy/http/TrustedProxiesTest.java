package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.TestRequests;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,    10.255.1.2,  true",
    "10.0.0.0/8,    11.0.0.1,    false",
    "10.9.9.9/8,    10.1.1.1,    true",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.128/25, 192.0.2.129, true",
    "192.0.2.1,     192.0.2.1,   true",
    "192.0.2.1,     192.0.2.2,   false",
    "0.0.0.0/0,     8.8.8.8,     true",
    "0.0.0.0/0,     ::1,         false",
    "fd00::/8,      fd12::1,     true",
    "fd00::/8,      fe80::1,     false",
    "::1,           ::1,         true",
  })
  void a_network_trusts_its_own_addresses(String network, String address, boolean trusted)
      throws Exception {
    var peer =
        TestRequests.client(new InetSocketAddress(InetAddress.getByName(address), 1), 80, false);
    assertThat(TrustedProxies.of(List.of(network)).trusts(peer)).isEqualTo(trusted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "host/8", "fd00::/129", "1"})
  void a_malformed_network_is_refused_and_never_looked_up(String text) {
    assertThatThrownBy(() -> TrustedProxies.of(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void only_a_trusted_proxy_can_say_that_the_client_speaks_tls() throws Exception {
    var headers = new DefaultHttpHeaders().set("X-Forwarded-Proto", "http, HTTPS");
    var peer = new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 1);
    var plain = TestRequests.client(peer, 80, false);
    assertThat(TrustedProxies.NONE.isTls(plain, headers)).isFalse();
    assertThat(TrustedProxies.of(List.of("10.0.0.1")).isTls(plain, headers)).isTrue();
    assertThat(TrustedProxies.NONE.isTls(TestRequests.client(peer, 443, true), headers)).isTrue();
  }

  private static List<String> lines(String text) {
    return text == null ? List.of() : List.of(text.split(" \\| "));
  }

  /** The peer is trusted, and so is all of 10.0.0.0/8. Lines are apart by a bar. */
  @ParameterizedTest(name = "for {0}, proto {1}: {2}, {3}")
  @CsvSource(
      delimiter = ';',
      value = {
        "192.0.2.7; https; 192.0.2.7; https",
        "192.0.2.7; ; 192.0.2.7; ",
        "; https; 10.0.0.1; https",
        "; https, http; 10.0.0.1; http",
        "192.0.2.7; https, http; 192.0.2.7; http",
        "192.0.2.7; https | http; 192.0.2.7; http",
        "203.0.113.9, 192.0.2.7; https, http; 192.0.2.7; http",
        "203.0.113.9 | 192.0.2.7; https, http; 192.0.2.7; http",
        "192.0.2.7, 10.0.0.2; https; 192.0.2.7; https",
        "192.0.2.7, 10.0.0.2; https, http; 192.0.2.7; https",
        "192.0.2.7 | 10.0.0.2; https | http; 192.0.2.7; https",
        "203.0.113.9, 192.0.2.7, 10.0.0.2; http, https, http; 192.0.2.7; https",
        "192.0.2.7, 10.0.0.3, 10.0.0.2; https, http; 192.0.2.7; https",
        "10.0.0.3, 10.0.0.2; https, http, http; 10.0.0.3; https",
        "192.0.2.7, unknown, 10.0.0.2; http, https, http; 10.0.0.2; https",
        "192.0.2.7,; https,; 10.0.0.1; ''",
        "::ffff:192.0.2.7; https; 192.0.2.7; https",
        "192.0.2.7, ::ffff:10.0.0.2; https, http; 192.0.2.7; https",
        "192.0.2.7, [::ffff:10.0.0.2]:4711; https, http; 192.0.2.7; https",
        "192.0.2.7:4711, 10.0.0.2:80; https, http; 192.0.2.7; https",
        "192.0.2.7, 010.0.0.2; https, http; 10.0.0.1; http",
        "'\"[2001:db8::7]\"'; https; 10.0.0.1; https",
        "fe80::1%eth0; https; fe80::1; https",
      })
  void the_address_and_the_scheme_are_of_one_place(
      String addresses, String protos, String address, String proto) throws Exception {
    for (String peer : List.of("10.0.0.1", "::ffff:10.0.0.1", "::10.0.0.1")) {
      var headers =
          new DefaultHttpHeaders()
              .set("X-Forwarded-For", lines(addresses))
              .set("X-Forwarded-Proto", lines(protos));
      var socket = new InetSocketAddress(Inet6Address.getByAddress(null, mapped(peer), -1), 1);
      var client = TestRequests.client(socket, 80, false);
      TrustedProxies trusted = TrustedProxies.of(List.of("10.0.0.0/8"));
      assertThat(trusted.clientAddress(client, headers)).hasToString(address);
      assertThat(trusted.ofClient(headers, "x-forwarded-proto")).isEqualTo(proto);
      assertThat(trusted.isTls(client, headers)).isEqualTo("https".equals(proto));
    }
  }

  private static byte[] mapped(String address) throws Exception {
    byte[] v6 = new byte[16];
    v6[10] = v6[11] = (byte) (address.startsWith("::ffff:") ? -1 : 0);
    v6[12] = 10;
    v6[15] = 1;
    return v6;
  }
}
