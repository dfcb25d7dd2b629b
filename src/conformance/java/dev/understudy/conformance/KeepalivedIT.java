package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.ProxyProcess;
import dev.understudy.scenario.ServerProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example for keepalived, read by keepalived, and its check against a replica. */
class KeepalivedIT {
  private static final Path EXAMPLE = Path.of("deploy/keepalived/keepalived.conf");

  private record Ended(int status, String output) {}

  private static Ended run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }

  /** In a network of its own, which has the example's interface. */
  private static String complaints(Path configuration) throws Exception {
    String script =
        "ip link add eth0 type bridge && ip link set eth0 up"
            + " && exec setsid keepalived --config-test -f \"$0\"";
    return run(List.of("unshare", "--net", "sh", "-c", script, configuration.toString())).output();
  }

  @Test
  void keepalived_accepts_the_example_and_no_mistake_in_it(@TempDir Path folder) throws Exception {
    assertThat(complaints(EXAMPLE.toAbsolutePath())).isEmpty();

    Path mistaken = folder.resolve("keepalived.conf");
    Files.writeString(mistaken, Files.readString(EXAMPLE).replace(" fall 2", " fal 2"));
    assertThat(complaints(mistaken)).contains("Unknown keyword 'fal'");
  }

  @Test
  void the_check_succeeds_while_the_replica_is_ready_and_fails_when_it_is_gone(@TempDir Path folder)
      throws Exception {
    Matcher script = Pattern.compile("script \"(.*)\"").matcher(Files.readString(EXAMPLE));
    assertThat(script.find()).isTrue();
    try (ServerProcess server = ServerProcess.start("a", folder)) {
      Path config =
          Files.writeString(
              folder.resolve("gateway.yaml"),
              """
              pools:
                app: { servers: { a: { url: "%s" } } }
              routes:
                - { id: all, uri: "pool://app", predicates: ["Path=/**"] }
              """
                  .formatted(server.url()));
      ProxyProcess proxy = ProxyProcess.start(folder, config);
      List<String> check =
          List.of(script.group(1).replace(":9090/", ":" + proxy.managementPort() + "/").split(" "));
      try (proxy) {
        assertThat(run(check)).isEqualTo(new Ended(0, ""));
      }
      assertThat(run(check).status()).isNotZero();
    }
  }
}
