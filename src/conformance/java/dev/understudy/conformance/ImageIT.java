package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The image builds, and runs under the restrictions that the Deployment puts on it. */
@Tag("packages")
class ImageIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long MEGABYTE = 1 << 20;

  /** Half of what a container has here: Java allows 125 MB where a percentage would give less. */
  private static final long MAX_HEAP = 128 * MEGABYTE;

  @TempDir private static Path storage;

  @TempDir private Path folder;

  @BeforeAll
  static void build() throws Exception {
    new ImageBuilder(storage).build();
  }

  @AfterAll
  static void remove() throws Exception {
    new ImageBuilder(storage).remove();
  }

  private Path config(ServerProcess server) throws IOException {
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(
        config.resolve("application.yaml"),
        """
        logging.structured.format.console: ecs
        understudy: { config: config/gateway.yaml, drain: { delay: 10s } }
        """);
    Files.writeString(
        config.resolve("gateway.yaml"),
        """
        pools:
          only: { servers: { only: { url: "%s", role: master } } }
        routes:
          - { id: all, uri: "pool://only", predicates: ["Path=/**"] }
        """
            .formatted(server.url()));
    return config;
  }

  private static CompletableFuture<HttpConnection.Answer> get(int port, String target) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return HttpConnection.once(port, "GET", target);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void serves_within_its_limits_and_drains_on_sigterm() throws Exception {
    try (ServerProcess server = ServerProcess.start("only", folder);
        Container container = Container.serve(storage, config(server))) {
      container.awaitReady();
      HttpConnection.Answer first = HttpConnection.once(container.port(), "GET", "/whoami");
      assertThat(first.status()).isEqualTo(200);
      assertThat(first.body()).contains("only");
      assertConfined(container);

      CompletableFuture<HttpConnection.Answer> slow = get(container.port(), "/slow?ms=8000");
      Await.until(
          "the slow request is under way",
          () -> container.manage("/api/pools/only").matches("(?s).*\"requests\"\\s*:\\s*1\\b.*"));
      container.terminate();
      Await.until("readiness goes", () -> container.status("/actuator/health/readiness") == 503);
      assertThat(HttpConnection.once(container.port(), "GET", "/whoami").status()).isEqualTo(200);
      assertThat(slow.join().status()).isEqualTo(200);

      // 128 + SIGTERM: what Java ends with after its shutdown hooks.
      assertThat(container.awaitEnd()).as(container.said()).isEqualTo(143);
      assertThat(container.lines())
          .isNotEmpty()
          .allSatisfy(
              line -> {
                assertThat(line).startsWith("{");
                assertThat(JSON.readTree(line).has("@timestamp")).isTrue();
              });
    }
  }

  private static void assertConfined(Container container) throws Exception {
    assertThat(container.proc("status"))
        .contains("NoNewPrivs:\t1")
        .anyMatch(line -> line.matches("CapEff:\\s+0+"))
        .anyMatch(line -> line.matches("Uid:\\s+10001\\s+10001\\s.*"));
    assertThat(container.proc("mounts")).anyMatch(line -> line.matches("\\S+ / \\S+ ro[, ].*"));
    assertThat(container.proc("maps")).anyMatch(line -> line.endsWith(" /app/understudy.aot"));
    double heap =
        container
            .manage("/actuator/prometheus")
            .lines()
            .filter(line -> line.startsWith("jvm_memory_max_bytes{area=\"heap\""))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
            .sum();
    assertThat(heap).isBetween(1.0 * MEGABYTE, 1.0 * MAX_HEAP);
  }

  /** Runs as the Deployment does. With {@code AOTMode=on} Java exits if it cannot use the cache. */
  @Test
  void more_options_of_java_leave_the_aot_cache_in_use() throws Exception {
    try (Container container =
        Container.java(
            storage,
            "-XX:ActiveProcessorCount=2",
            "-XX:AOTMode=on",
            "@/app/java.options",
            "--version")) {
      assertThat(container.awaitEnd()).as(container.said()).isZero();
      assertThat(container.lines()).hasSize(1).first().asString().startsWith("Understudy ");
    }
  }

  @Test
  void its_jvm_would_refuse_a_cache_that_was_trained_with_other_options() throws Exception {
    List<String> refused;
    try (Container container =
        Container.java(
            storage,
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-XX:AOTMode=on",
            "@/app/java.options",
            "--version")) {
      assertThat(container.awaitEnd()).isNotZero();
      refused = container.lines();
    }
    assertThat(refused).anyMatch(line -> line.contains("Unable to use AOT cache"));
  }
}
