package dev.understudy.admin;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.event.ReplicaEvent;
import dev.understudy.fairness.ClientNetwork;
import dev.understudy.testing.Await;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Threads and settings, for holders of the token alone. */
class DiagnosticsTest extends OnSharedServer {
  @TempDir private Path folder;

  @Test
  void diagnostics_are_made_one_at_a_time_also_if_the_first_client_leaves() throws Exception {
    try (DocumentThreads threads = new DocumentThreads()) {
      Diagnostics diagnostics =
          new Diagnostics(
              server.context().getEnvironment(),
              server.context().getBean(ConfigurationStatus.class),
              threads);
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      ClientNetwork client = new ClientNetwork("192.0.2.1");
      Disposable first =
          threads
              .make(
                  client,
                  () ->
                      Mono.just(
                          diagnostics.exclusively(
                              () -> {
                                begun.countDown();
                                awaitAll(go);
                                return "made";
                              })))
              .subscribe();
      assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
      first.dispose();

      assertThatThrownBy(() -> diagnostics.exclusively(() -> "made"))
          .isInstanceOf(ProblemDocument.class);
      go.countDown();
      Await.until("the first has ended", () -> madeBy(diagnostics));
    }
  }

  /** As work that does not notice that its thread is interrupted. */
  private static void awaitAll(CountDownLatch go) {
    while (go.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  private static boolean madeBy(Diagnostics diagnostics) {
    try {
      return diagnostics.exclusively(() -> true);
    } catch (ProblemDocument busy) {
      return false;
    }
  }

  @Test
  void holder_of_the_token_gets_threads_versions_and_settings_without_secrets() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"), "pools: { shop: { health: { body: hunter44 } } }");
    server.events.add(
        new ReplicaEvent.ConfigurationApplied(
            file.toString(), List.of(), List.of(), List.of(), "applied"));
    assertThat(server.get("/api/diagnostics").statusCode()).isEqualTo(401);

    HttpResponse<String> response =
        server.send(
            server
                .request("/api/diagnostics")
                .header("Authorization", "Bearer " + AdminServer.TOKEN));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(response.body()).doesNotContain(AdminServer.TOKEN, "hunter");

    JsonNode document = AdminServer.json(response);
    assertThat(document.path("runtime").path("versions").path("java").asString())
        .isEqualTo(Runtime.version().toString());
    assertThat(document.path("threads").path("threads"))
        .anySatisfy(
            thread -> {
              assertThat(thread.path("name").asString())
                  .isEqualTo(Thread.currentThread().getName());
              assertThat(thread.path("frames").toString()).contains("DiagnosticsTest");
            });
    assertThat(document.path("settings"))
        .anySatisfy(
            setting ->
                assertHas(
                    setting,
                    """
                    {name: "understudy.admin.token", value: "***", from: "commandLineArgs"}
                    """));
    assertThat(document.path("settings").findValuesAsString("name"))
        .contains("logging.level.some")
        .doesNotContain("unknown.setting");
    assertThat(document.at("/dynamicFile/pools/shop"))
        .hasToString("{\"health\":{\"body\":\"***\"}}");
    assertThat(server.get("/api/config/file").statusCode()).isEqualTo(401);
    HttpResponse<String> content =
        server.send(
            server
                .request("/api/config/file")
                .header("Authorization", "Bearer " + AdminServer.TOKEN));
    assertThat(AdminServer.json(content).path("content")).isEqualTo(document.path("dynamicFile"));
  }
}
