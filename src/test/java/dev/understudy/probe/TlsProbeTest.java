package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static dev.understudy.health.ProbeOutcome.TLS_FAILED;
import static dev.understudy.probe.ProbeHarness.SHORT;
import static dev.understudy.probe.ProbeHarness.body;
import static dev.understudy.probe.ProbeHarness.http;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Script;
import dev.understudy.testing.TestSettings;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ServerSocketFactory;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Probes over TLS. */
@ParameterizedClass
@MethodSource("providers")
@Tag(Extent.FULL)
class TlsProbeTest {
  @Parameter SslProvider provider;

  static List<SslProvider> providers() {
    return Extent.sample(List.of(SslProvider.OPENSSL, SslProvider.JDK));
  }

  private static final Check HTTP = http(body("version"));
  private static final Check TCP = new TcpCheck(List.of(), CheckConnection.DEFAULT);
  private static final UpstreamTls DEFAULT = UpstreamTls.DEFAULT;

  private static X509Bundle authority;
  private static SSLServerSocketFactory named;
  private static SSLServerSocketFactory addressed;
  private static SslContext trusting;
  private static SslContext mistrusting;
  private static SslContext careless;

  private final BlockingQueue<List<String>> serverNames = new LinkedBlockingQueue<>();

  @BeforeParameterizedClassInvocation
  static void certificates(SslProvider provider) throws Exception {
    authority =
        new CertificateBuilder()
            .subject("CN=Test authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    named = sockets(new CertificateBuilder().addSanDnsName("app.example").addSanDnsName("app"));
    addressed = sockets(new CertificateBuilder().addSanIpAddress("127.0.0.1"));
    trusting = client(provider).trustManager(authority.toTrustManagerFactory()).build();
    mistrusting = client(provider).build();
    careless = client(provider).trustManager(InsecureTrustManagerFactory.INSTANCE).build();
  }

  private static SslContextBuilder client(SslProvider provider) {
    return SslContextBuilder.forClient().sslProvider(provider);
  }

  private static SSLServerSocketFactory sockets(CertificateBuilder certificate) throws Exception {
    X509Bundle bundle = certificate.subject("CN=Server").buildIssuedBy(authority);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(bundle.toKeyManagerFactory().getKeyManagers(), null, null);
    return context.getServerSocketFactory();
  }

  private final Script response =
      connection -> {
        SSLSocket socket = (SSLSocket) connection.socket();
        socket.startHandshake();
        serverNames.add(
            ((ExtendedSSLSession) socket.getSession())
                .getRequestedServerNames().stream()
                    .map(name -> ((SNIHostName) name).getAsciiName())
                    .toList());
        connection.readHead();
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nversion");
      };

  private Observation.Probe probe(
      ServerSocketFactory sockets,
      Script script,
      Function<TlsOffer, SslContext> contexts,
      String host,
      Check check,
      UpstreamTls tls) {
    try (ScriptedServer server = new ScriptedServer(sockets, script);
        ProbeHarness harness = new ProbeHarness(contexts)) {
      Observation.Probe probe =
          harness.probe(check, TestSettings.address(true, host, server.port()), tls);
      server.close();
      harness.close();
      assertThat(harness.reported).as("reported once").isEmpty();
      return probe;
    }
  }

  private List<String> serverNames() throws InterruptedException {
    return serverNames.poll(20, TimeUnit.SECONDS);
  }

  // The server's certificate, the client's trust, the server's host, its server name if it is
  // configured, the check, what comes of it, and the server name that was sent or the reason.
  @Rows(
      """
      trusted certificate for the server's host is good              | named     | trusting    | app.example   |             | HTTP | OK         | app.example
      host without a dot is sent as server name too                  | named     | trusting    | app           |             | HTTP | OK         | app
      root dot of a host is not part of its server name              | named     | trusting    | app.example.  |             | HTTP | OK         | app.example
      configured name is sent and verified instead of the host       | named     | trusting    | 127.0.0.1     | app.example | HTTP | OK         | app.example
      address is verified but not sent as server name                | addressed | trusting    | 127.0.0.1     |             | HTTP | OK         | none
      certificate for another address fails                          | named     | trusting    | 127.0.0.1     |             | HTTP | TLS_FAILED | 127.0.0.1
      certificate for another name fails                             | named     | trusting    | other.example |             | HTTP | TLS_FAILED | other.example
      certificate of an unknown authority fails                      | named     | mistrusting | app.example   |             | HTTP | TLS_FAILED | certification path
      nothing is verified with verify false                          | named     | careless    | other.example |             | HTTP | OK         | other.example
      TCP probe is good once the handshake is done                   | named     | trusting    | app.example   |             | TCP  | OK         |
      TCP probe fails with the handshake                             | named     | trusting    | other.example |             | TCP  | TLS_FAILED | other.example
      """)
  void a_certificate_is_verified(
      String says,
      String certificate,
      String trust,
      String host,
      @Nullable String configured,
      String check,
      ProbeOutcome outcome,
      @Nullable String expected)
      throws Exception {
    SslContext context =
        switch (trust) {
          case "trusting" -> trusting;
          case "mistrusting" -> mistrusting;
          default -> careless;
        };
    UpstreamTls tls =
        new UpstreamTls(configured == null ? null : "b", configured, !trust.equals("careless"));
    Observation.Probe probe =
        probe(
            certificate.equals("named") ? named : addressed,
            response,
            asked -> context,
            host,
            check.equals("HTTP") ? HTTP : TCP,
            tls);
    assertThat(probe.outcome()).as(probe.detail()).isEqualTo(outcome);
    if (expected == null) {
      assertThat(probe.detail()).isEqualTo("connected");
    } else if (outcome == OK) {
      assertThat(serverNames()).isEqualTo(expected.equals("none") ? List.of() : List.of(expected));
    } else {
      assertThat(probe.detail()).startsWith("TLS: ").contains(expected);
    }
  }

  @Test
  void a_plain_server_fails() {
    Script plain =
        connection -> {
          connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
          connection.awaitEnd();
        };
    assertThat(probeOfPlain(plain).detail()).isEqualTo("the response is not TLS");
  }

  @Test
  void a_connection_closed_in_the_handshake_fails() {
    probeOfPlain(connection -> connection.socket().getInputStream().readNBytes(100));
  }

  private Observation.Probe probeOfPlain(Script script) {
    Observation.Probe probe =
        probe(
            ServerSocketFactory.getDefault(),
            script,
            asked -> trusting,
            "app.example",
            HTTP,
            DEFAULT);
    assertThat(probe.outcome()).isEqualTo(TLS_FAILED);
    return probe;
  }

  @Test
  void server_that_requires_a_client_certificate_fails() {
    Script demanding =
        connection -> {
          ((SSLSocket) connection.socket()).setNeedClientAuth(true);
          response.run(connection);
        };
    Observation.Probe probe =
        probe(named, demanding, asked -> trusting, "app.example", HTTP, DEFAULT);
    assertThat(probe.outcome()).as(probe.detail()).isEqualTo(TLS_FAILED);
    // The alert's name differs with the server's Java.
    assertThat(probe.detail())
        .startsWith("TLS: ")
        .contains("eceived fatal alert: ")
        .doesNotContain("OPENSSL");
  }

  @Test
  void bundle_that_is_not_there_fails() {
    Observation.Probe probe =
        probe(
            named,
            response,
            asked -> {
              throw new IllegalStateException("no bundle '" + asked.settings().bundle() + "'");
            },
            "app.example",
            HTTP,
            new UpstreamTls("gone", null, true));
    assertThat(probe.outcome()).isEqualTo(TLS_FAILED);
    assertThat(probe.detail()).isEqualTo("TLS cannot be set up: no bundle 'gone'");
  }

  @Test
  void silence_in_the_handshake_is_timed_out() {
    try (ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::awaitEnd);
        ProbeHarness harness = new ProbeHarness(asked -> trusting)) {
      harness.start(HTTP, TestSettings.address(true, "app.example", server.port()), DEFAULT, SHORT);
      Observation.Probe probe = harness.next();
      assertThat(probe.outcome()).isEqualTo(TIMED_OUT);
      assertThat(probe.detail()).isEqualTo("TLS handshake not finished within 1 s");
    }
  }
}
