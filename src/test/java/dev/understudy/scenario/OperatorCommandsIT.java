package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's commands of the built jar, at a running replica whose servers fail. */
class OperatorCommandsIT {
  private static final String TOKEN = "correct-horse-battery";

  @TempDir private Path folder;
  private Path token;
  @AutoClose private ServerProcess master;
  @AutoClose private ServerProcess backup;
  @AutoClose private ProxyProcess proxy;

  private record Ended(int status, String out, String err) {}

  @BeforeEach
  void start() throws Exception {
    token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    master = ServerProcess.start("sen2", folder);
    backup = ServerProcess.start("sen1", folder);
    Path config =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              sense:
                servers:
                  sen2: { url: "%s", role: master }
                  sen1: { url: "%s", role: backup }
                health: { expect: { body: "version" }, interval: 200ms, fast-interval: 50ms, down-interval: 100ms }
            routes:
              - { id: sense, uri: "pool://sense", predicates: ["Path=/**"] }
            """
                .formatted(master.url(), backup.url()));
    proxy = ProxyProcess.start(folder, config, "--understudy.admin.token-file=" + token);
  }

  @Tag(Extent.SLOW)
  @Test
  void an_operator_finds_the_cause_acts_and_looks_back() throws Exception {
    Ended well = run("status");
    assertThat(well.status()).isZero();
    assertThat(well.out()).contains("1 well, 0 degraded, 0 nobody");

    Ended stranger = run("switch", "sense", "sen1");
    assertThat(stranger.status()).isEqualTo(1);
    assertThat(stranger.err())
        .contains("Expected Authorization: Bearer TOKEN. (401; see --token-file)")
        .hasLineCount(1);
    Ended switched = write("switch", "sense", "sen1");
    assertThat(switched.status()).isZero();
    assertThat(switched.out())
        .startsWith("changed: sense is pinned to sen1")
        .contains("sen1 serves", "pinned to sen1");
    assertThat(write("switch", "sense", "auto").status()).isZero();
    assertThat(write("maintenance", "sense", "sen1").status()).isZero();
    Ended refused = write("drain", "sense", "sen2");
    assertThat(refused.status()).as("it is the only usable server").isEqualTo(1);
    assertThat(refused.err()).contains("(409)");
    assertThat(write("ready", "sense", "sen1").status()).isZero();

    master.kill();
    backup.kill();
    Await.until("nobody serves", () -> run("status").status() == 2);
    assertThat(run("status", "sense").out()).contains("nobody", "DOWN", "refused");
    assertThat(run("top").out()).contains("1 nobody", "sense");

    assertThat(run("events", "-n", "1000").out().lines())
        .anyMatch(line -> line.contains("  sense  switched  ") && line.contains("sen1"))
        .anyMatch(line -> line.contains("  sense  switched  ") && line.contains("nobody serves"));
    assertThat(run("routes").out()).contains("sense", "express");
    assertThat(run("status", "-o", "json").out()).startsWith("{").contains("\"sense\"");
  }

  @Test
  void events_are_followed_while_they_happen() throws Exception {
    Process follow =
        new ProcessBuilder(command("events", "-f", "-p", "sense"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = follow.inputReader()) {
      assertThat(lines.readLine()).contains("  sense  ");
      assertThat(write("switch", "sense", "sen1").status()).isZero();
      String line = lines.readLine();
      while (!line.contains("  switched  ") || !line.contains("sen1 serves")) {
        line = lines.readLine();
        assertThat(line).isNotNull();
      }
    } finally {
      follow.destroy();
      assertThat(follow.waitFor()).isNotZero();
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void diagnosis_is_one_file_without_the_token() throws Exception {
    Path file = folder.resolve("report.zip");
    assertThat(write("diagnose", file.toString()).status()).isZero();
    TreeSet<String> names = new TreeSet<>();
    StringBuilder all = new StringBuilder();
    try (InputStream in = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
        names.add(e.getName());
        all.append(new String(zip.readAllBytes()));
      }
    }
    assertThat(names)
        .contains("pools.json", "events.json", "routes.json", "config.json", "agreement.json")
        .contains("metrics.txt", "readiness.json", "diagnostics.json", "summary.txt");
    assertThat(all.toString())
        .contains("understudy-monitor", "understudy_server_up", "\"dynamicFile\"", master.url())
        .doesNotContain(TOKEN);
  }

  @Tag(Extent.SLOW)
  @Test
  void an_unreachable_replica_ends_each_command_with_3() throws Exception {
    proxy.close();
    String where = "http://127.0.0.1:" + proxy.managementPort();
    String why = "understudy: cannot reach " + where + ": Connection refused\n";
    assertThat(run("status")).isEqualTo(new Ended(3, "", why));
  }

  private Ended write(String... arguments) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--token-file=" + token);
    return run(all.toArray(String[]::new));
  }

  private List<String> command(String... arguments) {
    List<String> command = Processes.archived(List.of());
    command.addAll(List.of(arguments));
    command.add("--server=http://127.0.0.1:" + proxy.managementPort());
    return command;
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    Path err = Files.createTempFile(folder, "err", "");
    Process process = new ProcessBuilder(command(arguments)).redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes());
    return new Ended(process.waitFor(), out, Files.readString(err));
  }
}
