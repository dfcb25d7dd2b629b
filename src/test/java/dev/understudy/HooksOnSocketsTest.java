package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failover that calls a real program and a real server, with clients that wait. */
class HooksOnSocketsTest {
  private static final String FILE =
      """
      pools:
        shop:
          servers:
            one: { url: "http://SERVER", role: master }
            two: { url: "http://127.0.0.1:%d", role: backup }
          health: { path: /status, interval: 100ms, fast-interval: 50ms, down-interval: 50ms, timeout: 10s }
          failback: { policy: manual }
          hooks:
            demote: { url: "http://127.0.0.1:%d/demote/{server.name}", headers: { X-Token: s3cret } }
            promote: { command: [ promote, "{server.name}" ], timeout: 60s, required: true }
      routes:
        - { id: shop, uri: "pool://shop", predicates: ["Path=/**"] }
      """;

  @TempDir private Path folder;

  /** A program that writes down what it was told, and waits until it may end. */
  private void promoteProgram() throws Exception {
    Path program =
        Files.writeString(
            folder.resolve("promote"),
            """
            #!/bin/sh
            echo "$1 $UNDERSTUDY_EPOCH $UNDERSTUDY_REASON" >> %1$s/told
            while [ ! -e %1$s/go ]; do sleep 0.05; done
            """
                .formatted(folder));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  private static String get(int port, String path) {
    try (RawClient client = new RawClient(port)) {
      return client.get(path, "Host: localhost").body();
    }
  }

  @Test
  void clients_wait_until_the_backup_is_promoted_and_the_master_is_fenced_in_the_end()
      throws Exception {
    promoteProgram();
    try (TestServer backup = new TestServer("two");
        TestServer hooks = new TestServer("hooks");
        TestProxy proxy =
            new TestProxy(
                folder,
                FILE.formatted(backup.port(), hooks.port()),
                "understudy.hooks.directory=" + folder,
                "understudy.state-file=" + folder.resolve("state"))) {
      hooks.script(
          call -> {
            if (hooks.calls().size() == 1) {
              call.reply(503, "not now");
            } else {
              call.write("HTTP/1.1 204 No\r\n\r\n");
            }
          });
      assertThat(get(proxy.port(), "/")).isEqualTo("server");

      proxy.server.kill();
      Path told = folder.resolve("told");
      Await.until("promote is called", () -> Files.exists(told));
      try (RawClient waits = new RawClient(proxy.port()).request("GET", "/")) {
        Await.until("demote is called, and again", () -> hooks.calls().size() == 2);
        assertThat(backup.calls()).noneMatch(call -> call.line().contains(" / "));
        assertThat(get(proxy.managementPort(), "/api/pools/shop"))
            .contains("server two has to be promoted before it serves");

        Files.createFile(folder.resolve("go"));
        assertThat(waits.response().body()).isEqualTo("two");
      }
      assertThat(told).hasContent("two 3 CONNECTION_FAILED");
      assertThat(hooks.calls())
          .allSatisfy(
              call -> {
                assertThat(call.line()).startsWith("POST /demote/one ");
                assertThat(call.header("understudy-epoch")).isEqualTo("3");
                assertThat(call.header("idempotency-key")).startsWith("shop/one/3/demote/");
              });
      assertThat(get(proxy.managementPort(), "/api/events?pool=shop"))
          .contains("hook demote of server one: refused (status 503: not now")
          .contains("hook demote of server one: done (status 204")
          .contains("hook promote of server two: done (exit status 0");
      assertThat(get(proxy.managementPort(), "/api/pools/shop/servers/one/hooks/demote"))
          .contains("/demote/one")
          .contains("***")
          .doesNotContain("s3cret");
    }
  }
}
