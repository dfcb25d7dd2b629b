package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.proxy.listener.UnreadableCertificateAnalyzer;
import dev.understudy.proxy.listener.UnusableBundleAnalyzer;
import dev.understudy.reload.ConfigurationRejectedException;
import dev.understudy.testing.Certificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.ConfigurableApplicationContext;

/** A start that fails for an SSL bundle says in one sentence which setting is to be corrected. */
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
    Files.writeString(folder.resolve("empty.pem"), "");
    String key = Files.readString(folder.resolve("main.key"));
    Files.writeString(
        folder.resolve("short.key"), key.substring(0, 60) + "\n-----END PRIVATE KEY-----\n");
    Files.writeString(folder.resolve("cut.key"), key.substring(0, 60));
    Files.writeString(
        folder.resolve("short.pem"),
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  }

  private static Throwable start(String bundle, String tls, Stream<String> settings)
      throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              p: { servers: { a: { url: "https://192.0.2.1" } }, tls: { %s } }
            routes:
              - { id: r, uri: "pool://p", predicates: ["Path=/**"] }
            """
                .formatted(tls));
    List<String> all = new ArrayList<>(good);
    all.addAll(
        List.of(
            "server.port=0",
            "management.server.port=0",
            "logging.level.root=off",
            "understudy.config=" + file));
    if (!bundle.isEmpty()) {
      all.add("server.ssl.bundle=" + bundle);
    }
    settings.forEach(all::add);
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.setRegisterShutdownHook(false);
    return catchThrowable(
        () -> {
          try (ConfigurableApplicationContext started =
              application.run(all.stream().map(each -> "--" + each).toArray(String[]::new))) {
            throw new AssertionError("it has started: " + started);
          }
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          x    | spring.ssl.bundle.pem.x.truststore.certificate=file:F/garbage.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Could not load trust manager factory: Unable to create trust store: Missing certificates or unrecognized format (truststore.certificate: file:F/garbage.pem)
          nope |                                                           | server.ssl.bundle: expected the name of an SSL bundle (spring.ssl.bundle.*), one of main, found "nope"
          main | server.ssl.server-name-bundles[0].server-name=a ; server.ssl.server-name-bundles[0].bundle=nope | server.ssl.server-name-bundles[0].bundle: expected the name of an SSL bundle (spring.ssl.bundle.*), one of main, found "nope"
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/garbage.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/main.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing certificates or unrecognized format (keystore.certificate: file:F/garbage.pem)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/short.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/main.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Error reading certificate: Could not parse certificate: Incomplete BER/DER length info (keystore.certificate: file:F/short.pem)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/none.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Error reading certificate or key from file 'file:F/none.key', which does not exist
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/other.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: the private key does not belong to the certificate of CN=main (keystore.certificate: file:F/main.pem, keystore.private-key: file:F/other.key)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/empty.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/main.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing certificates or unrecognized format (keystore.certificate: file:F/empty.pem)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/none.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/main.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Error reading certificate or key from file 'file:F/none.pem', which does not exist
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/garbage.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing private key or unrecognized format (keystore.private-key: file:F/garbage.pem)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/empty.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing private key or unrecognized format (keystore.private-key: file:F/empty.pem)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/short.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Error loading private key file: newLimit > capacity: (67 > 23) (keystore.private-key: file:F/short.key)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=file:F/cut.key | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing private key or unrecognized format (keystore.private-key: file:F/cut.key)
          x    | spring.ssl.bundle.pem.x.truststore.certificate=file:F/empty.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Could not load trust manager factory: Unable to create trust store: Missing certificates or unrecognized format (truststore.certificate: file:F/empty.pem)
          x    | spring.ssl.bundle.pem.x.truststore.certificate=file:F/none.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Could not load trust manager factory: Unable to create trust store: Error reading certificate or key from file 'file:F/none.pem', which does not exist
          x    | spring.ssl.bundle.pem.x.truststore.certificate=file:F/short.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Could not load trust manager factory: Unable to create trust store: Error reading certificate: Could not parse certificate: Incomplete BER/DER length info (truststore.certificate: file:F/short.pem)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem | server.ssl.bundle: expected an SSL bundle with a private key, found "x", which has none (keystore.private-key)
          x    | spring.ssl.bundle.pem.x.truststore.certificate=file:F/ca.pem | server.ssl.bundle: expected an SSL bundle with a private key, found "x", which has none (keystore.private-key)
          x    | spring.ssl.bundle.jks.x.keystore.location=file:F/garbage.pem | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Could not load store from 'file:F/garbage.pem'
          x    | spring.ssl.bundle.jks.x.keystore.location=file:F/none.jks | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Could not load store from 'file:F/none.jks', which does not exist
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/garbage.pem ; spring.ssl.bundle.pem.x.keystore.private-key=-----BEGIN PRIVATE KEY-----garbage-----END PRIVATE KEY----- | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing certificates or unrecognized format (keystore.certificate: file:F/garbage.pem)
          x    | spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem ; spring.ssl.bundle.pem.x.keystore.private-key=-----BEGIN PRIVATE KEY-----garbage-----END PRIVATE KEY----- | spring.ssl.bundle.*.x: expected an SSL bundle that can be used: Unable to create key store: Missing private key or unrecognized format (keystore.private-key: in the setting)
          main    | server.ssl.server-name-bundles[0].server-name=a ; server.ssl.server-name-bundles[0].bundle=x ; spring.ssl.bundle.pem.x.keystore.certificate=file:F/main.pem | server.ssl.server-name-bundles[0].bundle: expected an SSL bundle with a private key, found "x", which has none (keystore.private-key)
          """)
  void the_listener_names_its_setting(String bundle, String settings, String said)
      throws Exception {
    Stream<String> more =
        Stream.ofNullable(settings)
            .flatMap(each -> Stream.of(each.split(" ; ")))
            .map(each -> each.replace("F/", folder + "/").strip());
    Throwable failure = start(bundle, "", more);
    FailureAnalysis analysis = new UnusableBundleAnalyzer().analyze(failure);
    assertThat(Objects.requireNonNull(analysis, failure::toString).getDescription())
        .isEqualTo(said.replace("F/", folder + "/"));
  }

  @Test
  void a_watched_file_that_does_not_exist_is_named() throws Exception {
    String prefix = "spring.ssl.bundle.pem.x.";
    Throwable failure =
        start(
            "x",
            "",
            Stream.of(
                prefix + "keystore.certificate=file:" + folder.resolve("none.pem"),
                prefix + "keystore.private-key=file:" + folder.resolve("main.key"),
                prefix + "reload-on-update=true"));
    FailureAnalysis analysis = new UnreadableCertificateAnalyzer().analyze(failure);
    assertThat(Objects.requireNonNull(analysis, failure::toString).getDescription())
        .isEqualTo(
            "spring.ssl.bundle.*.x: expected an SSL bundle that can be used: '%s' does not exist",
            folder.resolve("none.pem"));
  }

  @Test
  void a_pool_names_its_line() throws Exception {
    assertThat(start("", "bundle: nope", Stream.of()))
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
}
