package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What precedes the bytes to relay: PROXY protocol headers, ClientHellos, TLS. */
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class BeginningTest extends RelayedTls {
  private static final PoolId UNKNOWN = new PoolId("unknown");

  private static Listener reading(boolean header, PoolId pool, Map<String, PoolId> names) {
    return new Listener(
        "pg",
        "127.0.0.1",
        0,
        pool,
        names,
        Map.of(),
        Duration.ofMillis(400),
        header,
        false,
        null,
        null);
  }

  private static final Listener HEADERS = reading(true, TestPools.POOL, Map.of());

  /** Of which the server gets the header. */
  private void start(ProxyHeader header, Listener listener) throws Exception {
    start(alone().proxyProtocol(header), listener, SslProvider.JDK);
  }

  @Override
  void step(Words words) throws Exception {
    switch (words.at(0)) {
      case "headers" -> start(HEADERS);
      case "tls" -> start(TLS_ENDS);
      case "names" -> start(reading(false, TestPools.POOL, Map.of("a.example.com", UNKNOWN)));
      case "told" -> start(ProxyHeader.V1, TcpRig.listener());
      case "from" ->
          assertThat(rig.seen.connection().client().getAddress().getHostAddress())
              .isEqualTo(words.at(1));
      default -> super.step(words);
    }
  }

  @Scenario.Each(
"""
a header of version 1 names the client and is taken away
  headers; connect; c sends PROXY\\sTCP4\\s192.0.2.7\\s192.0.2.1\\s4711\\s5432\\r\\nhello
  accept a; s gets hello; s closes; c closes; from 192.0.2.7
a header with an IPv4 address that is mapped into IPv6 names that client
  headers; connect; c sends PROXY\\sTCP6\\s::ffff:192.0.2.7\\s::1\\s4711\\s5432\\r\\nhello
  accept a; s gets hello; s closes; c closes; from 192.0.2.7
a header with an IPv4 address in the compatible form names that client
  headers; connect; c sends PROXY\\sTCP6\\s::192.0.2.7\\s::1\\s0\\s5432\\r\\nhello
  accept a; s gets hello; s closes; c closes; from 192.0.2.7
a header without a client leaves the peer as one
  headers; connect; c sends PROXY\\sUNKNOWN\\s192.0.2.7\\r\\nhello
  accept a; s gets hello; s closes; c closes; from 127.0.0.1
a header with a sign before a port reaches no server
  headers; connect; c sends PROXY\\sTCP4\\s192.0.2.7\\s192.0.2.1\\s+4711\\s5432\\r\\n; c over
  end REFUSED; unasked a
a header with a zone reaches no server
  headers; connect; c sends PROXY\\sTCP6\\sfe80::1%1\\s::1\\s4711\\s5432\\r\\n; c over
  end REFUSED; unasked a
a header in pieces is awaited
  headers; connect; c drips PROXY\\sTCP4\\s192.0.2.7\\s192.0.2.1\\s4711\\s5432\\r\\nhi
  accept a; s gets hi
a connection without a header in time reaches no server
  headers; connect; c over; end REFUSED; unasked a
a connection with bytes that are no header reaches no server
  headers; connect; c sends GET\\s/\\sHTTP/1.1\\r\\n; c over; end REFUSED; unasked a
a connection with a header of a wrong family reaches no server
  headers; connect; c sends PROXY\\sTCP9\\s1\\s2\\s3\\s4\\r\\n; c over; end REFUSED; unasked a
a connection with a header that never ends reaches no server
  headers; connect; c sends PROXY\\sTCP4\\s192.0.2.7; c over; end REFUSED; unasked a
the header precedes what a held client sent
  told; serves nobody; connect; c sends early; held; serves a; accept a; s gets PROXY\\s
bytes that are not TLS have no name and go to the pool for those
  names; connect; c sends plain; accept a; s gets plain
a client that says nothing goes to the pool for no name after the inspect delay
  names; connect; accept a; s passes 220; c passes EHLO
a client that begins no TLS handshake reaches no server
  tls; connect; c sends GET\\s/\\sHTTP/1.1\\r\\n\\r\\n; end REFUSED; unasked a
""")
  void what_precedes_the_bytes(Scenario scenario) {
    play(scenario);
  }

  @Test
  void the_server_gets_a_header_of_version_1_first() throws Exception {
    start(ProxyHeader.V1, TcpRig.listener());
    Socket client = connect();
    Socket server = accept(a);
    send(client, "hello");
    String expected =
        "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.getLocalPort() + " " + rig.port() + "\r\nhello";
    assertThat(receive(server, expected.length())).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(ProxyHeader.class)
  void addresses_of_different_families_are_both_written_as_of_version_6(ProxyHeader version)
      throws Exception {
    start(version, HEADERS);
    Socket client = connect();
    send(client, "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1000 5432\r\nhello");
    try (Socket server = accept(a)) {
      client.shutdownOutput();
      String got = new String(server.getInputStream().readAllBytes(), ISO_8859_1);
      assertThat(got).endsWith("hello");
      assertThat(got.substring(0, got.length() - 5))
          .isEqualTo(
              version == ProxyHeader.V1
                  ? "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1000 5432\r\n"
                  : "\r\n\r\n\0\r\nQUIT\n\u0021\u0021\0\u0024"
                      + "\0\0\0\0\0\0\0\0\0\0\u00ff\u00ff\u00c0\0\2\1"
                      + " \1\r\u00b8\0\0\0\0\0\0\0\0\0\0\0\1"
                      + "\u0003\u00e8\u0015\u0038");
    }
    assertThat(rig.seen.troubles).isEmpty();
  }

  @Test
  void mapped_addresses_are_written_as_of_version_4() throws Exception {
    start(ProxyHeader.V1, HEADERS);
    Socket client = connect();
    send(client, "PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 1000 5432\r\nhello");
    String expected = "PROXY TCP4 192.0.2.1 192.0.2.2 1000 5432\r\nhello";
    assertThat(receive(accept(a), expected.length())).isEqualTo(expected);
  }

  @Test
  void the_server_gets_a_header_of_version_2_although_the_client_is_silent() throws Exception {
    start(ProxyHeader.V2, TcpRig.listener());
    Socket client = connect();
    Socket server = accept(a);
    byte[] header = server.getInputStream().readNBytes(28);
    assertThat(new String(header, 0, 12, StandardCharsets.ISO_8859_1))
        .isEqualTo("\r\n\r\n\0\r\nQUIT\n");
    assertThat(header[12]).isEqualTo((byte) 0x21);
    assertThat(header[13]).isEqualTo((byte) 0x11);
    assertThat((header[24] & 0xff) << 8 | header[25] & 0xff).isEqualTo(client.getLocalPort());
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "a.example.com, true",
    "A.Example.COM, true",
    "x.b.example.com, true",
    "b.example.com, false",
    "y.x.b.example.com, false",
    "other.example.com, false",
    "y.c.example.com, true",
    "z.y.c.example.com, true",
    "c.example.com, false",
    "closed.c.example.com, false",
  })
  void a_server_name_leads_to_its_pool(String name, boolean known) throws Exception {
    Map<String, PoolId> names = new HashMap<>();
    for (String each : List.of("a.example.com", "*.b.example.com", "**.c.example.com")) {
      names.put(each, TestPools.POOL);
    }
    names.put("closed.c.example.com", null);
    start(reading(false, null, names));
    Socket client = connect();
    SSLSocket tls = hello(client, name);
    Thread handshake = Thread.startVirtualThread(() -> handshakeQuietly(tls));
    if (known) {
      try (Socket server = accept(a)) {
        // The ClientHello is passed on as it came: a TLS record with a handshake.
        assertThat(server.getInputStream().read()).isEqualTo(22);
      }
      client.close();
      assertThat(rig.seen.connection().serverName()).isEqualToIgnoringCase(name);
    } else {
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.REFUSED);
      assertThat(rig.seen.connection().pool()).isNull();
    }
    handshake.join();
  }

  @Test
  void a_listener_whose_names_all_lead_nowhere_closes_connections() throws Exception {
    Map<String, PoolId> names = new HashMap<>();
    names.put("a.example.com", null);
    start(reading(false, null, names));
    for (String name : List.of("a.example.com", "b.example.com")) {
      SSLSocket tls = hello(connect(), name);
      assertThatThrownBy(tls::startHandshake).isInstanceOf(IOException.class);
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.REFUSED);
    }
  }

  private static void handshakeQuietly(SSLSocket tls) {
    try {
      tls.startHandshake();
    } catch (IOException expected) {
      // The server speaks no TLS.
    }
  }

  @Test
  void the_name_of_a_tls_handshake_that_ends_here_leads_to_its_pool() throws Exception {
    start(ending(null, Map.of("a.example.com", TestPools.POOL)));
    SSLSocket client = closing(hello(rig.connect(), "a.example.com"));
    client.startHandshake();
    send(client, "x");
    assertThat(receive(accept(a), 1)).isEqualTo("x");
  }
}
