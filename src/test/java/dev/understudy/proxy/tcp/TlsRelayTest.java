package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

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
