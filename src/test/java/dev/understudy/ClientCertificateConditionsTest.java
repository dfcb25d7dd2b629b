package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.testing.Extent;
import dev.understudy.testing.PemAuthority;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Conditions and values about the client's TLS session and certificate, in both lanes. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("dev.understudy.testing.Extent#tlsLibraries")
class ClientCertificateConditionsTest {
  @Parameter ListenerProperties.Tls.Provider provider;

  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");
  private static final PemAuthority CLIENTS = new PemAuthority("CN=clients");

  private static final String FILTERS =
      """
      filters:
          - "Deny=403 when path-prefix(/admin) and not client-certificate-subject-contains(CN=alice)"
          - "Respond=201, {tls.subject} {tls.subject.CN}{tls.subject.OU} {tls.issuer} {tls.verified} {tls.server-name} {listener} when client-certificate"
          - "Respond=200, {tls.version} {tls.verified} {listener} when listener(web) and tls"
      """;

  @TempDir static Path folder;
  private static ListeningProxy proxy;

  @BeforeParameterizedClassInvocation
  static void start(ListenerProperties.Tls.Provider provider) throws Exception {
    PemAuthority.write(
        folder.resolve("main.pem"), AUTHORITY.issue("CN=main", "EC", "a.test").pem());
    PemAuthority.write(folder.resolve("clients.pem"), CLIENTS.pem());
    proxy =
        new ListeningProxy(
            folder,
            """
            web: { port: 0, tls: { certificates: [main.pem], client-auth: optional, client-ca: clients.pem } }
            """,
            """
            - id: express
              uri: "pool://p"
              predicates: ["Host=express.test"]
              %1$s
            - id: gateway
              uri: "pool://p"
              predicates: ["Host=gateway.test", "After=2020-01-01T00:00:00Z"]
              %1$s
            """
                .formatted(FILTERS.indent(2).strip()),
            "server.port=0",
            "understudy.tls.provider=" + provider);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    proxy.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CN=alice,O=x | /      | 201 | CN=alice,O=x alice CN=clients true a.test web",
        "CN=bob       | /      | 201 | CN=bob bob CN=clients true a.test web",
        "             | /      | 200 | TLSv1.3 false web",
        "CN=alice     | /admin | 201 | CN=alice alice CN=clients true a.test web",
        "CN=bob       | /admin | 403 | ",
        "             | /admin | 403 | ",
      })
  void a_certificate_decides(String subject, String path, int status, String text)
      throws Exception {
    KeyManager[] identity = subject == null ? null : CLIENTS.issue(subject, "EC").keyManagers();
    for (String lane : List.of("express", "gateway")) {
      String response = response(identity, lane, path);
      assertThat(response).startsWith("HTTP/1.1 " + status);
      if (text != null) {
        assertThat(response).endsWith("\r\n\r\n" + text);
      }
    }
  }

  private static String response(KeyManager[] identity, String lane, String path) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        identity,
        io.netty.handler.ssl.util.InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
        null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", proxy.port("web"))) {
      socket.setSoTimeout(30_000);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName("a.test")));
      socket.setSSLParameters(parameters);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: " + lane + ".test\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
