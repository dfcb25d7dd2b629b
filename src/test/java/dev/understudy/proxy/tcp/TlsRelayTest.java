package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.proxy.listener.OwnKeys;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What relayed connections carry over TLS, and how their ends pass through. */
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class TlsRelayTest extends RelayedTls {
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

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void the_close_of_a_tls_client_is_no_fault_of_the_server(String protocol) throws Exception {
    start(TLS_ENDS);
    SSLSocket client = asks(protocol);
    Socket server = accept(a);
    assertThat(receive(server, 5)).isEqualTo("query");
    passes(server, client, "result");
    client.close();
    assertThat(rest(server)).isEqualTo("|FIN");
    server.close();
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLOSED);
    assertThat(rig.seen.troubles).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void what_a_client_sent_before_its_tls_was_over_arrives_whole_though_the_server_ends_its_output()
      throws Exception {
    start(TLS_ENDS);
    SSLSocket client = asks("TLSv1.2");
    Socket server = accept(a);
    assertThat(receive(server, 5)).isEqualTo("query");
    int sent = 0;
    do {
      send(client, "x".repeat(16_000));
      sent += 16_000;
    } while (isAllUnread(server, sent));
    client.shutdownOutput();
    rig.pause().close();
    server.shutdownOutput();
    rig.pause().close();
    assertThat(rest(server)).hasSize(sent + "|FIN".length()).endsWith("x|FIN");
  }

  /** Whether all of it gets as far as the server's socket, which it does not once that is full. */
  private boolean isAllUnread(Socket server, int sent) {
    AtomicInteger checks = new AtomicInteger();
    Await.until(
        "all is there, or waits",
        () -> {
          rig.pause().close();
          return Sockets.unread(server) == sent || checks.incrementAndGet() == 30;
        });
    return checks.get() < 30;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void the_close_of_a_server_of_tls_is_not_the_clients(String protocol) throws Exception {
    start(TestPools.pool().tlsMaster("a", a.port()), TcpRig.listener(), SslProvider.JDK);
    Socket client = connect();
    send(client, "query");
    SSLSocket server = secured(accept(a));
    server.setEnabledProtocols(new String[] {protocol});
    assertThat(receive(server, 5)).isEqualTo("query");
    send(server, "result");
    server.close();
    assertThat(rest(client)).isEqualTo("result|FIN");
    client.close();
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLOSED);
    assertThat(rig.seen.troubles).isEmpty();
  }

  /** The server's end of a connection over which it speaks TLS. */
  private SSLSocket secured(Socket raw) throws Exception {
    X509Bundle own = OwnKeys.of(CertificateBuilder.Algorithm.ecp256);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.toKeyManagerFactory().getKeyManagers(), null, null);
    return closing((SSLSocket) context.getSocketFactory().createSocket(raw, null, true));
  }

  @Test
  void a_server_of_tls_that_ends_the_connection_during_the_handshake_has_failed() throws Exception {
    Duration hour = Duration.ofHours(1);
    start(
        TestPools.pool()
            .tlsMaster("a", a.port())
            .timeouts(TestSettings.timeouts(hour, hour, hour, hour)),
        TcpRig.listener(),
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
}
