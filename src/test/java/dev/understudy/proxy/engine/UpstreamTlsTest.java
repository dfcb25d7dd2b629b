package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Lane;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("providers")
@Tag(Extent.FULL)
class UpstreamTlsTest {
  @Parameter SslProvider provider;

  static List<SslProvider> providers() {
    return Extent.sample(List.of(SslProvider.OPENSSL, SslProvider.JDK));
  }

  private static final Duration LONG = Duration.ofSeconds(60);
  private final Recorder seen = new Recorder();
  private X509Bundle certificate;
  private TestServer server;
  private Lane lane;

  @BeforeEach
  void a_server_with_a_certificate_for_one_name() throws Exception {
    certificate =
        new CertificateBuilder()
            .subject("CN=app")
            .addSanDnsName("app.internal")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(certificate.toKeyManagerFactory().getKeyManagers(), null, null);
    server = new TestServer("tls", call -> call.reply(200, "secret"), context);
  }

  @AfterEach
  void everything_is_closed() {
    lane.close();
    server.close();
  }

  private RawClient start(UpstreamTls settings, Duration hold) {
    TestPools pools =
        TestPools.pool()
            .tlsMaster("a", server.port())
            .tls(settings)
            .hold(hold, 10, 1000)
            .timeouts(Duration.ofSeconds(5), LONG, LONG)
            .start();
    lane = Engined.front(pools, seen, this::context);
    return new RawClient(lane.port());
  }

  private SslContext context(TlsOffer offer) {
    try {
      return SslContextBuilder.forClient()
          .sslProvider(provider)
          .trustManager(
              offer.settings().verify()
                  ? certificate.toTrustManagerFactory()
                  : InsecureTrustManagerFactory.INSTANCE)
          .build();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_server_whose_certificate_has_the_right_name_is_used_and_its_connection_kept()
      throws Exception {
    try (RawClient client = start(new UpstreamTls(null, "app.internal", true), LONG)) {
      assertThat(client.get("/").body()).isEqualTo("secret");
      assertThat(client.get("/").body()).isEqualTo("secret");
      assertThat(client.request("PUT", "/", new byte[100_000]).response().body())
          .isEqualTo("secret");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  /** As SNI; a name that cannot be a host name is not sent. */
  @ParameterizedTest
  @CsvSource({"app.internal, true", "app_internal, false", "127.0.0.1, false", "::1, false"})
  void the_server_gets_a_name_that_can_be_a_host_name(String name, boolean sent) throws Exception {
    server.script(
        call -> {
          SSLSocket socket = (SSLSocket) call.socket();
          var session = (javax.net.ssl.ExtendedSSLSession) socket.getSession();
          call.reply(200, session.getRequestedServerNames().toString());
        });
    try (RawClient client = start(new UpstreamTls(null, name, sent), LONG)) {
      String names = client.get("/").body();
      assertThat(names).isEqualTo(sent ? List.of(new SNIHostName(name)).toString() : "[]");
    }
  }

  @Test
  void a_certificate_for_another_name_is_refused_and_nothing_is_sent() throws Exception {
    try (RawClient client =
        start(new UpstreamTls(null, "other.internal", true), Duration.ofMillis(200))) {
      assertThat(client.get("/").status()).isEqualTo(503);
      assertThat(server.calls()).isEmpty();
      assertThat(seen.troubles).contains(Trouble.CONNECT_FAILED);
    }
  }

  @Test
  void without_verification_any_certificate_will_do() throws Exception {
    try (RawClient client = start(new UpstreamTls(null, null, false), LONG)) {
      assertThat(client.get("/").body()).isEqualTo("secret");
    }
  }

  @Test
  void the_connect_time_out_covers_the_handshake() throws Exception {
    server.freeze();
    TestPools pools =
        TestPools.pool()
            .tlsMaster("a", server.port())
            .timeouts(Duration.ofMillis(200), LONG, LONG)
            .start();
    lane = Engined.front(pools, seen, this::context);
    try (RawClient client = new RawClient(lane.port())) {
      client.request("GET", "/");
      Await.until("it is told", () -> seen.troubles.contains(Trouble.CONNECT_TIMED_OUT));
    }
  }

  @Test
  void a_close_delimited_response_needs_the_closure_alert() throws Exception {
    server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n\r\nall of it");
          if (server.calls().size() == 1) {
            call.close();
          } else {
            call.cut();
          }
        });
    UpstreamTls settings = new UpstreamTls(null, "app.internal", true);
    try (RawClient client = start(settings, LONG);
        RawClient second = new RawClient(lane.port())) {
      Response whole = client.get("/");
      assertThat(whole.body()).isEqualTo("all of it");
      assertThat(whole.reset()).isFalse();
      assertThat(second.get("/").reset()).isTrue();
    }
  }
}
