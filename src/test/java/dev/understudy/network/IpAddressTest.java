package dev.understudy.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 192.0.2.7",
    "::ffff:192.0.2.7, 192.0.2.7",
    "::FFFF:c000:207, 192.0.2.7",
    "0:0:0:0:0:ffff:c000:0207, 192.0.2.7",
    "::192.0.2.7, 192.0.2.7",
    "::c000:207, 192.0.2.7",
    "::ffff:192.0.2.7%eth0, 192.0.2.7",
    "::ffff:127.0.0.1, 127.0.0.1",
    "::1, ::1",
    "::, ::",
    "::2, ::2",
    "::ffff:0.0.0.1, 0.0.0.1",
    "::fffe:192.0.2.7, ::fffe:c000:207",
    "::ffff:0:192.0.2.7, ::ffff:0:c000:207",
    "2002:c000:207::1, 2002:c000:207::1",
    "64:ff9b::192.0.2.7, 64:ff9b::c000:207",
    "2001:DB8:0:0:0:0:0:7, 2001:db8::7",
    "2001:db8::0007, 2001:db8::7",
    "fe80::1%eth0, fe80::1",
    "fe80::1%2, fe80::1",
  })
  void an_address_has_one_form(String literal, String form) {
    assertThat(IpAddress.parse(literal)).hasToString(form).isEqualTo(IpAddress.parse(form));
    assertThat(IpAddress.parseNode(literal)).hasToString(form);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "10.1",
        "010.0.0.1",
        "10.0.0.01",
        "0x0a.0.0.1",
        "167772161",
        "10.0.0.1.",
        "10.0.0.256",
        " 10.0.0.1",
        "10.0.0.1%eth0",
        "+10.0.0.1",
        "١٠.0.0.1",
        "::ffff:010.0.0.1",
        "::ffff:10.0.0",
        "[::1]",
        "::1%",
        "1::2::3",
        "::g",
        "localhost",
        "unknown",
        "_hidden",
      })
  void what_is_no_literal_is_no_address(String text) {
    assertThat(IpAddress.parse(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7:80, 192.0.2.7",
    "[2001:db8::7]:80, 2001:db8::7",
    "[2001:db8::7], 2001:db8::7",
    "[::ffff:192.0.2.7]:65535, 192.0.2.7",
    "[fe80::1%eth0]:1, fe80::1",
    "192.0.2.7:, ",
    "192.0.2.7:http, ",
    "192.0.2.7:+80, ",
    "192.0.2.7:123456, ",
    "[192.0.2.7], ",
    "[2001:db8::7]80, ",
    "[2001:db8::7, ",
    "2001:db8::7], ",
    "[[::1]], ",
    "for=192.0.2.7, ",
    "unknown, ",
    "_hidden, ",
  })
  void what_proxies_say_may_have_brackets_and_a_port(String node, String address) {
    IpAddress read = IpAddress.parseNode(node);
    assertThat(read == null ? null : read.toString()).isEqualTo(address);
  }

  @Test
  void a_socket_has_the_same_form_and_keeps_its_port() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = -1;
    mapped[12] = 10;
    InetAddress six = Inet6Address.getByAddress(null, mapped, -1);
    assertThat(six).isInstanceOf(Inet6Address.class);
    assertThat(IpAddress.normal(new InetSocketAddress(six, 5)))
        .isEqualTo(new InetSocketAddress("10.0.0.0", 5));
    InetSocketAddress zoned =
        new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal(), 1), 6);
    assertThat(IpAddress.normal(zoned).toString()).doesNotContain("%");
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("a", 1);
    assertThat(IpAddress.normal(unresolved)).isSameAs(unresolved);
    assertThat(IpAddress.of(unresolved)).isNull();
  }

  private static byte[] linkLocal() {
    byte[] bytes = new byte[16];
    bytes[0] = (byte) 0xfe;
    bytes[1] = (byte) 0x80;
    bytes[15] = 1;
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, ::ffff:192.0.2.7, true",
    "192.0.2.7, ::192.0.2.7, true",
    "192.0.2.7, 192.0.2.8, false",
    "2001:db8:0:1::1, 2001:db8:0:1:ffff::9, true",
    "2001:db8:0:1::1, 2001:db8:0:2::1, false",
    "0.0.0.1, ::1, false",
    "1.2.3.4, 102:304::, false",
    "fe80::1%1, fe80::1%2, true",
  })
  void clients_have_one_key_if_they_are_one(String one, String other, boolean same) {
    assertThat(IpAddress.parse(one).key() == IpAddress.parse(other).key()).isEqualTo(same);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
    "10.0.0.0/8, ::10.1.2.3, true",
    "::ffff:10.0.0.0/104, 10.1.2.3, true",
    "::ffff:a00:0/104, ::ffff:10.1.2.3, true",
    "::10.0.0.0/104, 10.1.2.3, true",
    "::ffff:10.0.0.0/104, 11.1.2.3, false",
    "::ffff:0:0/96, 192.0.2.7, true",
    "::ffff:0:0/96, 2001:db8::7, false",
    "::ffff:192.0.2.7, 192.0.2.7, true",
    "::/0, 192.0.2.7, false",
    "::/0, ::ffff:192.0.2.7, false",
    "0.0.0.0/0, ::1, false",
    "::1, ::1, true",
    "::1/128, 0.0.0.1, false",
    "fe80::/10, fe80::1%eth0, true",
    "2001:DB8:0:0::/32, 2001:db8::7, true",
  })
  void a_network_contains_an_address_in_any_form(String network, String client, boolean contains) {
    assertThat(Networks.of(List.of(network)).contains(IpAddress.parse(client))).isEqualTo(contains);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0, true",
    "::ffff:10.0.0.0, true",
    "fd00::, true",
    "10.0.0.0/8, false",
    "10.0.0.0/32, false",
    "10.0.0.1, false",
    "10.0.0.10, false",
    "fd00::1, false",
  })
  void a_network_that_lacks_its_mask_is_told(String text, boolean told) {
    assertThat(Networks.of(List.of(text)).withoutMask())
        .isEqualTo(told ? List.of(text) : List.of());
  }
}
