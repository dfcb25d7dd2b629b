package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.proxy.listener.UnusableBundleAnalyzer;
import dev.understudy.testing.Certificates;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * TLS on the management port: whenever a certificate is named for it, and never the main port's.
 */
class ManagementTlsTest {
  @TempDir static Path folder;

  private static List<String> bundles;

  @BeforeAll
  static void certificates() throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("web", "localhost");
    bundles = new ArrayList<>(certificates.properties("web"));
    bundles.add(
        "spring.ssl.bundle.pem.trust.truststore.certificate=file:" + certificates.authorityFile());
    bundles.add("spring.ssl.bundle.pem.keyless.keystore.certificate=file:" + folder + "/web.pem");
  }

  private static ConfigurableApplicationContext start(String... settings) {
    List<String> all = new ArrayList<>(bundles);
    all.addAll(
        List.of(
            "server.port=0",
            "management.server.port=0",
            "logging.level.root=off",
            "understudy.drain.delay=0s",
            "understudy.config=config/gateway.yaml"));
    all.addAll(Arrays.asList(settings));
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.setRegisterShutdownHook(false);
    return application.run(all.stream().map(each -> "--" + each).toArray(String[]::new));
  }

  private static HttpResponse<String> get(
      ConfigurableApplicationContext context, String scheme, Version version) throws Exception {
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(trusting).version(version).build()) {
      String port = context.getEnvironment().getProperty("local.management.port");
      URI uri = URI.create(scheme + "://localhost:" + port + "/actuator/health/liveness");
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          management.server.ssl.bundle=web
          management.server.ssl.bundle=web ; management.server.ssl.enabled=true
          management.server.ssl.bundle=web ; server.ssl.bundle=web
          management.server.ssl.certificate=F/web.pem ; management.server.ssl.certificate-private-key=F/web.key
          """)
  void a_certificate_switches_it_on(String settings) throws Exception {
    try (var context = start(settings.replace("F/", "file:" + folder + "/").split(" ; "))) {
      for (Version offered : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
        HttpResponse<String> response = get(context, "https", offered);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.version()).isEqualTo(Version.HTTP_1_1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.ssl.bundle=web
          management.server.ssl.bundle=web ; management.server.ssl.enabled=false
          """)
  void else_it_is_plain(String settings) throws Exception {
    try (var context = start(settings.split(" ; "))) {
      assertThat(get(context, "http", Version.HTTP_1_1).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          management.server.ssl.bundle=nope         | management.server.ssl.bundle: expected the name of an SSL bundle (spring.ssl.bundle.*), one of keyless, trust, web, found "nope"
          management.server.ssl.enabled=true        | management.server.ssl: expected a certificate, such as that of management.server.ssl.bundle
          server.ssl.enabled=true                   | server.ssl: expected a certificate, such as that of server.ssl.bundle
          management.server.ssl.bundle=keyless | management.server.ssl.bundle: expected an SSL bundle with a private key, found "keyless", which has none (keystore.private-key)
          management.server.ssl.bundle=trust | management.server.ssl.bundle: expected an SSL bundle with a private key, found "trust", which has none (keystore.private-key)
          server.ssl.certificate=F/web.pem | server.ssl: expected a certificate with its private key: SSL is enabled but no trust material is configured for the default host
          server.ssl.certificate=F/none.pem ; server.ssl.certificate-private-key=F/web.key | server.ssl: expected a certificate with its private key: Unable to create key store: Error reading certificate or key from file 'F/none.pem', which does not exist
          server.ssl.key-store=F/web.pem | server.ssl: expected a certificate with its private key: Unable to create key store: Could not load store from 'F/web.pem'
          server.ssl.key-store=F/none.jks | server.ssl: expected a certificate with its private key: Unable to create key store: Could not load store from 'F/none.jks', which does not exist
          """)
  void a_certificate_that_is_none_is_refused(String settings, String said) {
    String files = "file:" + folder + "/";
    assertThat(said(settings.replace("F/", files))).isEqualTo(said.replace("F/", files));
  }

  private static String said(String settings) {
    Throwable failure =
        catchThrowable(
            () -> {
              try (var started = start(settings.split(" ; "))) {
                throw new AssertionError("it has started: " + started);
              }
            });
    FailureAnalysis analysis = new UnusableBundleAnalyzer().analyze(failure);
    return Objects.requireNonNull(analysis, failure::toString).getDescription();
  }
}
