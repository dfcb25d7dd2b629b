package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.ProxyProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the rules and a real scrape with Prometheus' own tool. */
class PromtoolIT {
  @TempDir private Path folder;

  @Test
  void alert_rules_are_good() throws Exception {
    List<Path> rules;
    try (Stream<Path> files = Files.list(Path.of("deploy/monitoring"))) {
      rules = files.filter(p -> p.getFileName().toString().endsWith("rules.yaml")).toList();
    }
    assertThat(rules).isNotEmpty();
    for (Path file : rules) {
      assertGood(List.of("promtool", "check", "rules", file.toString()), null);
    }
  }

  @Test
  void alerts_fire_when_they_should_and_only_then() throws Exception {
    assertGood(
        List.of("promtool", "test", "rules", "deploy/monitoring/understudy.rules.test.yaml"), null);
  }

  @Test
  void scrape_is_good() throws Exception {
    try (ProxyProcess proxy = ProxyProcess.startDemo(folder)) {
      assertThat(HttpConnection.once(proxy.port(), "GET", "/whoami").status()).isEqualTo(200);
      Path scrape =
          Files.writeString(folder.resolve("scrape.txt"), proxy.manage("/actuator/prometheus"));
      assertThat(scrape).content().contains("understudy_server_serving");
      String said = run(List.of("promtool", "check", "metrics", "--extended"), scrape);
      // Those of others, Micrometer's JVM and process metrics, are not ours to name.
      assertThat(
              said.lines()
                  .filter(line -> line.startsWith("understudy_"))
                  .filter(line -> line.contains(" no help ") || line.contains("should")))
          .isEmpty();
    }
  }

  private static void assertGood(List<String> command, Path input) throws Exception {
    String said = run(command, input);
    System.out.println(said);
    assertThat(said).contains("SUCCESS").doesNotContain("FAILED");
  }

  private static String run(List<String> command, Path input)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    if (input != null) {
      builder.redirectInput(input.toFile());
    }
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return said;
  }
}
