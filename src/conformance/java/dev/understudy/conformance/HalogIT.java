package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HAProxy's own reader of its log reads ours. */
class HalogIT {
  private static String halog(Path log, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("halog", "-s", "-4", "-q"));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectInput(log.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(process.waitFor()).isZero();
    return out;
  }

  @Test
  void halog_counts_the_requests_of_the_log_by_server_and_by_end(@TempDir Path folder)
      throws Exception {
    try (ServerProcess server = ServerProcess.start("a", folder)) {
      Path config =
          Files.writeString(
              folder.resolve("gateway.yaml"),
              """
              pools:
                app: { servers: { a: { url: "%s" } } }
              routes:
                - { id: refused, uri: "pool://app", predicates: ["Path=/no"], filters: ["Deny=403"] }
                - { id: all, uri: "pool://app", predicates: ["Path=/**"] }
              """
                  .formatted(server.url()));
      try (ProxyProcess proxy =
          ProxyProcess.start(folder, config, "--understudy.access-log=haproxy")) {
        for (int i = 0; i < 3; i++) {
          assertThat(HttpConnection.once(proxy.port(), "GET", "/").status()).isEqualTo(200);
        }
        assertThat(HttpConnection.once(proxy.port(), "GET", "/no").status()).isEqualTo(403);
        Await.until("all four are logged", () -> accesses(proxy).size() == 4);
        Path log = Files.write(folder.resolve("access.log"), accesses(proxy));

        assertThat(halog(log, "-tc").lines()).containsExactly("-- 3", "PR 1");
        assertThat(halog(log, "-srv"))
            .containsPattern("app/a 0 3 0 0 0 0 3 3 100\\.0 ")
            .containsPattern("main/<NOSRV> 0 0 0 1 0 0 1 ");
        assertThat(halog(log, "-st").lines()).containsExactly("200 3", "403 1");
      }
    }
  }

  private static List<String> accesses(ProxyProcess proxy) throws Exception {
    return proxy.log().lines().filter(line -> line.endsWith(" HTTP/1.1\"")).toList();
  }
}
