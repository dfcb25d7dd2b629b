package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.proxy.listener.OwnKeys;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
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
class BeginningTest extends Relayed {
  private static final PoolId UNKNOWN = new PoolId("unknown");

  private static Listener reading(boolean header, PoolId pool, Map<String, PoolId> names) {
    return new Listener(
        "pg", "127.0.0.1", 0, pool, names, Map.of(), Duration.ofMillis(400), header, null);
  }

  private static Listener ending(PoolId pool, Map<String, PoolId> names) {
    ListenerTls tls = TestSettings.tls("b");
    return TestSettings.listener("pg", "127.0.0.1", 0, pool, names, false, tls);
  }

  private static final Listener HEADERS = reading(true, TestPools.POOL, Map.of());
  private static final Listener TLS_ENDS = ending(TestPools.POOL, Map.of());

  private static SslContext context(SslProvider provider) throws Exception {
    X509Bundle own = OwnKeys.of(CertificateBuilder.Algorithm.ecp256);
    return SslContextBuilder.forServer(own.toKeyManagerFactory()).sslProvider(provider).build();
  }

  private void start(TestPools.Builder pool, Listener listener, SslProvider provider)
      throws Exception {
    SslContext server = context(provider);
    SslContext trusting =
        SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    rig =
        new TcpRig(
            transport,
            pool.start(),
            Duration.ofMillis(400),
            any -> () -> server,
            any -> trusting,
            listener);
  }

  private void start(Listener listener) throws Exception {
    start(alone(), listener, SslProvider.JDK);
  }

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

  /** A client that has begun TLS, which ends here, with a query. */
  private SSLSocket asks(String... protocols) throws Exception {
    SSLSocket tls = closing(hello(connect(), null));
    if (protocols.length > 0) {
      tls.setEnabledProtocols(protocols);
    }
    tls.startHandshake();
    send(tls, "query");
    return tls;
  }

  private static SSLSocket hello(Socket over, String name) throws Exception {
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            trusting.getSocketFactory().createSocket(over, "127.0.0.1", over.getPort(), true);
    if (name != null) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
    }
    return socket;
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "a.example.com, true",
    "A.Example.COM, true",
    "x.b.example.com, true",
    "b.example.com, false",
    "y.x.b.example.com, false",
    "other.example.com, false",
  })
  void a_server_name_leads_to_its_pool(String name, boolean known) throws Exception {
    Map<String, PoolId> names =
        Map.of("a.example.com", TestPools.POOL, "*.b.example.com", TestPools.POOL);
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

  private static void handshakeQuietly(SSLSocket tls) {
    try {
      tls.startHandshake();
    } catch (IOException expected) {
      // The server speaks no TLS.
    }
  }

  @Test
  void tls_ends_here_and_plain_bytes_pass() throws Exception {
    start(TLS_ENDS);
    SSLSocket client = asks();
    Socket server = accept(a);
    assertThat(receive(server, 5)).isEqualTo("query");
    send(server, "result");
    server.close();
    assertThat(rest(client)).isEqualTo("result|FIN");
  }

  /** Whichever is seen first. By BoringSSL, for which the JDK's client ends one direction alone. */
  @Test
  void a_servers_reset_passes_as_one_though_the_last_bytes_of_a_tls_client_meet_it()
      throws Exception {
    start(alone(), TLS_ENDS, SslProvider.OPENSSL);
    for (boolean resetFirst : List.of(true, false)) {
      SSLSocket client = asks();
      Socket server = accept(a);
      assertThat(receive(server, 5)).isEqualTo("query");
      try (TcpRig.Pause pause = rig.pause()) {
        if (resetFirst) {
          send(server, "half a resu");
          reset(server);
        }
        send(client, "last");
        client.shutdownOutput();
        if (!resetFirst) {
          send(server, "half a resu");
          reset(server);
        }
      }
      assertThat(rest(client)).endsWith("|RST");
    }
  }

  @Test
  void a_client_whose_tls_is_over_in_both_directions_ends_its_servers_side() throws Exception {
    start(TLS_ENDS);
    SSLSocket client = asks("TLSv1.2");
    client.shutdownOutput();
    Socket server = accept(a);
    assertThat(rest(server)).isEqualTo("query|FIN");
    Await.until("the server's writes fail", () -> isRefused(server));
  }

  @Test
  void a_server_of_tls_that_ends_the_connection_during_the_handshake_has_failed() throws Exception {
    Duration hour = Duration.ofHours(1);
    start(
        TestPools.pool()
            .tlsMaster("a", a.port())
            .timeouts(TestSettings.timeouts(hour, hour, hour, hour)),
        reading(false, TestPools.POOL, Map.of()),
        SslProvider.JDK);
    connect();
    accept(a).shutdownOutput();
    Await.until("it is known", () -> rig.seen.troubles.contains(Trouble.CONNECT_FAILED));
  }

  /** TLS keeps the bytes that its writes fail for. */
  @Test
  void a_client_of_tls_that_resets_while_bytes_wait_for_it_ends_its_servers_side()
      throws Exception {
    start(TLS_ENDS);
    Socket raw = connect();
    SSLSocket client = closing(hello(raw, null));
    client.startHandshake();
    send(client, "query");
    Socket server = accept(a);
    assertThat(receive(server, 5)).isEqualTo("query");
    AtomicLong sent = new AtomicLong();
    CompletableFuture<Void> sending =
        CompletableFuture.runAsync(() -> Sockets.sendUntilRefused(server, sent));
    long[] seen = {-1, 0};
    Await.until(
        "the server can send no more",
        () -> {
          seen[1] = seen[0] == sent.get() ? seen[1] + 1 : 0;
          seen[0] = sent.get();
          return seen[1] == 10;
        });
    reset(raw);
    sending.get(20, TimeUnit.SECONDS);
  }

  @Test
  void a_client_whose_tls_is_over_while_it_waits_ends_its_servers_side() throws Exception {
    start(TLS_ENDS);
    rig.pools.failover("a", null);
    SSLSocket client = asks("TLSv1.2");
    client.shutdownOutput();
    assertThat(rest(client)).isEqualTo("|FIN");
    rig.pools.serve("a");
    Socket server = accept(a);
    assertThat(rest(server)).isEqualTo("query|FIN");
    Await.until("the server's writes fail", () -> isRefused(server));
  }

  private static boolean isRefused(Socket socket) {
    try {
      send(socket, "result");
      return false;
    } catch (IOException e) {
      return true;
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
