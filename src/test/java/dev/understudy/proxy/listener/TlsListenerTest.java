package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Http2FrameClient;
import dev.understudy.testing.LogCapture;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("dev.understudy.testing.Extent#tlsLibraries")
class TlsListenerTest {
  @Parameter ListenerProperties.Tls.Provider provider;

  @TempDir static Path directory;
  private static Certificates certificates;
  private static ListenerApp app;

  @BeforeParameterizedClassInvocation
  static void start(ListenerProperties.Tls.Provider provider) throws Exception {
    certificates = new Certificates(directory);
    certificates.issue("main", "localhost");
    certificates.issue("exact", "www.domain.com");
    certificates.issue("wild", "*.domain.com");
    List<String> properties = new ArrayList<>();
    for (String name : List.of("main", "exact", "wild")) {
      properties.addAll(certificates.properties(name));
    }
    properties.addAll(
        List.of(
            "spring.ssl.bundle.watch.file.quiet-period=50ms",
            "server.ssl.bundle=main",
            "server.ssl.server-name-bundles[0].server-name=www.Domain.com",
            "server.ssl.server-name-bundles[0].bundle=exact",
            "server.ssl.server-name-bundles[1].server-name=*.domain.com",
            "server.ssl.server-name-bundles[1].bundle=wild",
            "understudy.http.port=0",
            "understudy.tls.provider=" + provider,
            "understudy.drain.delay=0s"));
    app = ListenerApp.start(properties);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    app.close();
  }

  /** A new one each time, which has no session to resume. */
  private static SSLContext trusting() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {certificates.authority().toTrustManager()}, null);
    return context;
  }

  private static X509Certificate served(@Nullable String name) throws Exception {
    return served(app, name);
  }

  private static X509Certificate served(ListenerApp by, @Nullable String name) throws Exception {
    try (SSLSocket socket =
        (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", by.port())) {
      if (name != null) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        socket.setSSLParameters(parameters);
      }
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @ParameterizedTest
  @CsvSource({
    "www.domain.com, CN=exact",
    "WWW.domain.COM, CN=exact",
    "master.domain.com, CN=wild",
    "a.b.domain.com, CN=main",
    "domain.com, CN=main",
    "other.test, CN=main",
    ", CN=main",
  })
  void the_certificate_follows_the_server_name(@Nullable String name, String subject)
      throws Exception {
    assertThat(served(name).getSubjectX500Principal().getName()).isEqualTo(subject);
  }

  @ParameterizedTest
  @CsvSource({"main,", "exact,www.domain.com", "wild,x.domain.com"})
  void a_renewed_certificate_is_served_without_a_restart(String bundle, @Nullable String name)
      throws Exception {
    awaitRenewed(app, bundle, name);
  }

  private static void awaitRenewed(ListenerApp by, String bundle, @Nullable String name)
      throws Exception {
    X509Certificate before = served(by, name);
    String[] names = {"localhost", "www.domain.com", "*.domain.com"};
    certificates.issue(bundle, names);
    Await.until("another one is served", () -> !served(by, name).equals(before));
  }

  @Test
  void without_certificates_by_name_all_clients_get_the_main_one_and_its_renewals()
      throws Exception {
    certificates.issue("sole", "localhost");
    List<String> properties = new ArrayList<>(certificates.properties("sole"));
    properties.addAll(
        List.of(
            "spring.ssl.bundle.watch.file.quiet-period=50ms",
            "server.ssl.bundle=sole",
            "understudy.tls.provider=" + provider,
            "understudy.drain.delay=0s"));
    try (ListenerApp sole = ListenerApp.start(properties);
        Http2FrameClient client = new Http2FrameClient(sole.port())) {
      assertThat(client.get("/x").await().body()).startsWith("tls=true");
      for (String name : new String[] {null, "www.domain.com"}) {
        assertThat(served(sole, name).getSubjectX500Principal().getName()).isEqualTo("CN=sole");
        awaitRenewed(sole, "sole", name);
      }
    }
  }

  @Test
  void a_key_that_is_not_the_certificates_leaves_the_old_pair_in_place() throws Exception {
    X509Certificate before = served("x.domain.com");
    Path key = directory.resolve("wild.key");
    byte[] own = Files.readAllBytes(key);
    try (LogCapture log = LogCapture.of(ServerTls.class, directory.toString())) {
      Files.write(key, Files.readAllBytes(directory.resolve("main.key")));
      Await.until("the other key is seen", () -> !log.events().isEmpty());
      assertThat(served("x.domain.com")).isEqualTo(before);
      assertThat(log.events().getFirst().getFormattedMessage())
          .isEqualTo(
              "TLS: bundle 'wild' changed but is unusable, keeping the previous one: the private"
                  + " key does not belong to the certificate of CN=wild (keystore.certificate:"
                  + " file:%s, keystore.private-key: file:%s)",
              directory.resolve("wild.pem"), key);
    } finally {
      Files.write(key, own);
    }
  }

  @Test
  void the_management_port_has_neither_tls_nor_our_certificates() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://127.0.0.1:"
                              + app.managementPort()
                              + "/actuator/health/readiness"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
    }
  }
}
