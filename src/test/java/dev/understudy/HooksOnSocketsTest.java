package dev.understudy;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.matching.RequestPattern;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.understudy.testing.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failover that calls a real program and a real server, with clients that wait. */
class HooksOnSocketsTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir private Path folder;

  private final WireMockServer master = new WireMockServer(options().dynamicPort());
  private final WireMockServer backup = new WireMockServer(options().dynamicPort());
  private final WireMockServer hooks = new WireMockServer(options().dynamicPort());

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

  private String file() {
    return """
    pools:
      shop:
        servers:
          one: { url: "http://127.0.0.1:%d", role: master }
          two: { url: "http://127.0.0.1:%d", role: backup }
        health: { path: /status, interval: 100ms, fast-interval: 50ms, down-interval: 50ms }
        failback: { policy: manual }
        hooks:
          demote: { url: "http://127.0.0.1:%d/demote/{server.name}", headers: { X-Token: s3cret } }
          promote: { command: [ promote, "{server.name}" ], timeout: 60s, required: true }
    routes:
      - { id: shop, uri: "pool://shop", predicates: ["Path=/**"] }
    """
        .formatted(master.port(), backup.port(), hooks.port());
  }

  private void start(WireMockServer server, String name) {
    server.start();
    server.stubFor(get("/status").willReturn(ok()));
    server.stubFor(get("/").willReturn(ok(name)));
  }

  private static CompletableFuture<HttpResponse<String>> read(int port, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    return CLIENT.sendAsync(request, BodyHandlers.ofString());
  }

  @Test
  void clients_wait_until_the_backup_is_promoted_and_the_master_is_fenced_in_the_end()
      throws Exception {
    start(master, "one");
    start(backup, "two");
    hooks.start();
    hooks.stubFor(
        post("/demote/one")
            .inScenario("fence")
            .whenScenarioStateIs(Scenario.STARTED)
            .willReturn(aResponse().withStatus(503).withBody("not now"))
            .willSetStateTo("later"));
    hooks.stubFor(
        post("/demote/one")
            .inScenario("fence")
            .whenScenarioStateIs("later")
            .willReturn(aResponse().withStatus(204)));
    promoteProgram();
    try (TestProxy proxy = new TestProxy(folder, file(), "understudy.hooks.directory=" + folder)) {
      assertThat(read(proxy.port(), "/").join().body()).isEqualTo("one");

      master.stop();
      Path told = folder.resolve("told");
      Await.until("promote is called", () -> Files.exists(told));
      CompletableFuture<HttpResponse<String>> waits = read(proxy.port(), "/");
      Await.until(
          "demote is called, and again",
          () -> hooks.countRequestsMatching(demotes()).getCount() == 2);
      assertThat(waits).isNotDone();
      assertThat(read(proxy.managementPort(), "/api/pools/shop").join().body())
          .contains("two is to be promoted before it serves");

      Files.createFile(folder.resolve("go"));
      assertThat(waits.join().body()).isEqualTo("two");
      assertThat(told).hasContent("two 3 CONNECTION_FAILED");
      for (LoggedRequest each : hooks.findAll(postRequestedFor(urlEqualTo("/demote/one")))) {
        assertThat(each.getHeader("Understudy-Epoch")).isEqualTo("3");
        assertThat(each.getHeader("Idempotency-Key")).isEqualTo("shop-3-demote");
      }
      assertThat(read(proxy.managementPort(), "/api/events?pool=shop").join().body())
          .contains("hook demote of one: refused (status 503: not now")
          .contains("hook demote of one: done (status 204")
          .contains("hook promote of two: done (exit status 0");
      assertThat(
              read(proxy.managementPort(), "/api/pools/shop/servers/one/hooks/demote")
                  .join()
                  .body())
          .contains("/demote/one")
          .contains("***")
          .doesNotContain("s3cret");
    } finally {
      backup.stop();
      hooks.stop();
    }
  }

  private static RequestPattern demotes() {
    return postRequestedFor(urlEqualTo("/demote/one")).build();
  }
}
