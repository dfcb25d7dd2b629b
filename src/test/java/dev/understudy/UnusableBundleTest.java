package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.understudy.proxy.listener.UnreadableCertificateAnalyzer;
import dev.understudy.proxy.listener.UnusableBundleAnalyzer;
import dev.understudy.reload.ConfigurationRejectedException;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Trusting;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/**
 * A start that fails for an SSL bundle says in one sentence which setting is to be corrected; and
 * TLS of the management port is on whenever a certificate is named for it, and never by the main
 * port's.
 */
class UnusableBundleTest {
  @TempDir static Path folder;

  private static List<String> good;

  @BeforeAll
  static void files() throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("main", "localhost");
    certificates.issue("other", "localhost");
    good = certificates.properties("main");
    Files.writeString(folder.resolve("garbage.pem"), "garbage");
    String key = Files.readString(folder.resolve("main.key"));
    Files.writeString(
        folder.resolve("short.key"), key.substring(0, 60) + "\n-----END PRIVATE KEY-----\n");
    Files.writeString(folder.resolve("cut.key"), key.substring(0, 60));
    Files.writeString(
        folder.resolve("short.pem"),
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  }

  /**
   * Starts it.
   *
   * @param settings {@code F/} stands for the folder
   * @param tls settings of the pool
   */
  private static TestProxy start(String settings, String tls) {
    String pools =
        """
        pools:
          p: { servers: { a: { url: "https://192.0.2.1" } }, tls: { %s } }
        routes:
          - { id: r, uri: "pool://p", predicates: ["Path=/**"] }
        """;
    Stream<String> more = settings.isEmpty() ? Stream.of() : Stream.of(settings.split(" ; "));
    return new TestProxy(
        folder,
        pools.formatted(tls),
        Stream.concat(good.stream(), more)
            .map(each -> each.replace("F/", folder + "/"))
            .toArray(String[]::new));
  }

  private static Throwable failure(String settings, String tls) {
    return catchThrowable(() -> start(settings, tls).close());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.truststore.certificate=file:F/garbage.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Could not load trust manager factory: Unable to create trust store: Missing certificates or unrecognized format (truststore.certificate: file:F/garbage.pem)
          server.ssl.bundle=nope | server.ssl.bundle: expected the name of an SSL bundle (spring.ssl.bundle.*), one of main, found "nope"
          server.ssl.bundle=main ; server.ssl.server-name-bundles[0].server-name=a ; server.ssl.server-name-bundles[0].bundle=nope | server.ssl.server-name-bundles[0].bundle: expected the name of an SSL bundle (spring.ssl.bundle.*), one of main, found "nope"
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/garbage.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/main.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing certificates or unrecognized format (keystore.certificate: file:F/garbage.pem)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/short.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/main.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Error reading certificate: Could not parse certificate: Incomplete BER/DER length info (keystore.certificate: file:F/short.pem)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/none.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Error reading certificate or key from file 'file:F/none.key', which does not exist
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/other.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: the private key does not belong to the certificate of CN=main (keystore.certificate: file:F/main.pem, keystore.private-key: file:F/other.key)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/none.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/main.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Error reading certificate or key from file 'file:F/none.pem', which does not exist
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/garbage.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing private key or unrecognized format (keystore.private-key: file:F/garbage.pem)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/short.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Error loading private key file: newLimit > capacity: (67 > 23) (keystore.private-key: file:F/short.key)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/cut.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing private key or unrecognized format (keystore.private-key: file:F/cut.key)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.truststore.certificate=file:F/none.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Could not load trust manager factory: Unable to create trust store: Error reading certificate or key from file 'file:F/none.pem', which does not exist
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.truststore.certificate=file:F/short.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Could not load trust manager factory: Unable to create trust store: Error reading certificate: Could not parse certificate: Incomplete BER/DER length info (truststore.certificate: file:F/short.pem)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem | server.ssl.bundle: expected an SSL bundle with a private key, found "x", which has none (keystore.private-key)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.truststore.certificate=file:F/ca.pem | server.ssl.bundle: expected an SSL bundle with a private key, found "x", which has none (keystore.private-key)
          server.ssl.bundle=x ; spring.ssl.bundle.jks.x.keystore.location=file:F/garbage.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Could not load store from 'file:F/garbage.pem'
          server.ssl.bundle=x ; spring.ssl.bundle.jks.x.keystore.location=file:F/none.jks | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Could not load store from 'file:F/none.jks', which does not exist
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/garbage.pem ; spring.ssl.bundle.pem.x.keystore.private-key=-----BEGIN PRIVATE KEY-----garbage-----END PRIVATE KEY----- | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing certificates or unrecognized format (keystore.certificate: file:F/garbage.pem)
          server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=-----BEGIN PRIVATE KEY-----garbage-----END PRIVATE KEY----- | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing private key or unrecognized format (keystore.private-key: in the setting)
          server.ssl.bundle=main ; server.ssl.server-name-bundles[0].server-name=a ; server.ssl.server-name-bundles[0].bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem | server.ssl.server-name-bundles[0].bundle: expected an SSL bundle with a private key, found "x", which has none (keystore.private-key)
          management.server.ssl.bundle=nope | management.server.ssl.bundle: expected the name of an SSL bundle (spring.ssl.bundle.*), one of main, found "nope"
          management.server.ssl.enabled=true | management.server.ssl: expected a certificate, for example by management.server.ssl.bundle
          server.ssl.enabled=true | server.ssl: expected a certificate, for example by server.ssl.bundle
          management.server.ssl.bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem | management.server.ssl.bundle: expected an SSL bundle with a private key, found "x", which has none (keystore.private-key)
          management.server.ssl.bundle=x ; spring.ssl.bundle.pem.x.truststore.certificate=file:F/ca.pem | management.server.ssl.bundle: expected an SSL bundle with a private key, found "x", which has none (keystore.private-key)
          server.ssl.certificate=file:F/main.pem | server.ssl: expected a certificate with its private key: SSL is enabled but no trust material is configured for the default host
          server.ssl.certificate=file:F/none.pem ; server.ssl.certificate-private-key=file:F/main.key | server.ssl: expected a certificate with its private key: Unable to create key store: Error reading certificate or key from file 'file:F/none.pem', which does not exist
          server.ssl.key-store=file:F/main.pem | server.ssl: expected a certificate with its private key: Unable to create key store: Could not load store from 'file:F/main.pem'
          server.ssl.key-store=file:F/none.jks | server.ssl: expected a certificate with its private key: Unable to create key store: Could not load store from 'file:F/none.jks', which does not exist
          """)
  void a_start_names_the_setting(String settings, String said) {
    assertThat(said(new UnusableBundleAnalyzer(), settings))
        .isEqualTo(said.replace("F/", folder + "/"));
  }

  private static String said(FailureAnalyzer analyzer, String settings) {
    Throwable failure = failure(settings, "");
    return Objects.requireNonNull(analyzer.analyze(failure), failure::toString).getDescription();
  }

  @Test
  void a_watched_file_that_does_not_exist_is_named() {
    String settings =
        "server.ssl.bundle=x ; x.certificate=file:F/none.pem ; x.private-key=file:F/main.key"
                .replace("x.", "spring.ssl.bundle.pem.x.keystore.")
            + " ; spring.ssl.bundle.pem.x.reload-on-update=true";
    assertThat(said(new UnreadableCertificateAnalyzer(), settings))
        .isEqualTo(
            "spring.ssl.bundle.*.x: expected an SSL bundle that can be used: '%s' does not exist",
            folder.resolve("none.pem"));
  }

  @Test
  void a_pool_names_its_line() {
    assertThat(failure("", "bundle: nope"))
        .isInstanceOfSatisfying(
            ConfigurationRejectedException.class,
            e ->
                assertThat(e.problems())
                    .singleElement()
                    .asString()
                    .endsWith(
                        "gateway.yaml:2: pools.p.tls.bundle: expected the name of an SSL bundle"
                            + " (spring.ssl.bundle.*), one of main, found \"nope\""));
  }

  @ParameterizedTest
  @CsvSource({
    "management.server.ssl.bundle=main, https",
    "management.server.ssl.bundle=main ; management.server.ssl.enabled=true, https",
    "management.server.ssl.bundle=main ; server.ssl.bundle=main, https",
    "management.server.ssl.certificate=file:F/main.pem ;"
        + " management.server.ssl.certificate-private-key=file:F/main.key, https",
    "server.ssl.bundle=main, http",
    "management.server.ssl.bundle=main ; management.server.ssl.enabled=false, http",
  })
  void a_certificate_of_its_own_switches_tls_of_the_management_port_on(
      String settings, String scheme) throws Exception {
    try (TestProxy proxy = start(settings, "")) {
      for (Version offered : Version.values()) {
        HttpResponse<String> response = get(proxy, scheme, offered);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.version()).isEqualTo(Version.HTTP_1_1);
      }
    }
  }

  private static HttpResponse<String> get(TestProxy proxy, String scheme, Version version)
      throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(Trusting.anonymous()).version(version).build()) {
      URI uri =
          URI.create(
              scheme + "://localhost:" + proxy.managementPort() + "/actuator/health/liveness");
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
  }
}
