package dev.understudy.command.client;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import dev.understudy.Main;
import dev.understudy.testing.Extent;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that is attached to a report. */
class DiagnoseCommandTest {
  private final WireMockServer replica = new WireMockServer(options().dynamicPort());

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void start() {
    replica.start();
    file = folder.resolve("report.zip");
    replica.stubFor(any(anyUrl()).willReturn(problem(404, "None.")));
    replica.stubFor(get("/api/overview").willReturn(okJson("{\"replica\":\"a b\",\"pools\":[]}")));
    replica.stubFor(get("/api/config").willReturn(okJson("{\"file\":null}")));
    // As the real one, which refuses those that take JSON only.
    replica.stubFor(
        get("/actuator/prometheus")
            .withHeader("Accept", containing("*/*"))
            .willReturn(ok("understudy_server_up 1\n")));
    replica.stubFor(
        get("/actuator/health/readiness").willReturn(aResponse().withStatus(503).withBody("{}")));
    replica.stubFor(get("/api/diagnostics").willReturn(problem(401, "Expected a token.")));
  }

  private static ResponseDefinitionBuilder problem(int status, String detail) {
    return aResponse().withStatus(status).withBody("{\"detail\":\"" + detail + "\"}");
  }

  @AfterEach
  void stop() {
    replica.stop();
  }

  private CommandRun diagnose(Path to) {
    return CommandRun.at(replica.baseUrl(), "diagnose", to.toString());
  }

  private static Map<String, String> entries(Path zip) throws IOException {
    Map<String, String> entries = new TreeMap<>();
    try (InputStream in = Files.newInputStream(zip);
        ZipInputStream unzipped = new ZipInputStream(in)) {
      for (ZipEntry e = unzipped.getNextEntry(); e != null; e = unzipped.getNextEntry()) {
        entries.put(e.getName(), new String(unzipped.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return entries;
  }

  @Test
  void documents_that_came_are_in_the_file_and_others_in_its_summary() throws IOException {
    CommandRun run = diagnose(file);
    assertThat(run)
        .isEqualTo(
            new CommandRun(
                0, file + "\n", "understudy: without diagnostics.json: Expected a token.\n"));

    Map<String, String> entries = entries(file);
    assertThat(entries)
        .containsOnlyKeys(
            "overview.json", "config.json", "metrics.txt", "readiness.json", "summary.txt")
        .containsEntry("metrics.txt", "understudy_server_up 1\n")
        .containsEntry("overview.json", "{\"replica\":\"a b\",\"pools\":[]}");
    assertThat(entries.get("summary.txt"))
        .contains("Diagnosis of a b at " + replica.baseUrl())
        .containsPattern("overview.json +200 +")
        .containsPattern("pools.json +404 +")
        .containsPattern("diagnostics.json +401 .*Expected a token.");
  }

  @Tag(Extent.SLOW)
  @Test
  void only_the_owner_may_read_the_file_and_one_that_exists_or_cannot_be_written_is_named()
      throws IOException {
    assertThat(diagnose(file).status()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(diagnose(file))
        .returns(2, CommandRun::status)
        .returns("understudy: " + file + ": the file exists already\n", CommandRun::err);
    Path nowhere = folder.resolve("none/report.zip");
    assertThat(diagnose(nowhere))
        .returns(2, CommandRun::status)
        .extracting(CommandRun::err)
        .asString()
        .startsWith("understudy: " + nowhere + ": cannot be written: ");
  }

  @Tag(Extent.SLOW)
  @Test
  void full_disk_is_no_wrong_argument() throws Exception {
    Process diagnose =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "diagnose",
                "-",
                "--server=" + replica.baseUrl())
            .redirectOutput(new File("/dev/full"))
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertThat(diagnose.waitFor()).isEqualTo(1);
    assertThat(folder.resolve("err"))
        .hasContent("understudy: cannot write the file: No space left on device");
  }
}
