package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The numbers of the whole application: from a request and a probe to the management port. */
class OperatorNumbersTest {
  private static final String FILE =
      """
      pools:
        shop:
          servers: { a: { url: "http://SERVER", role: master, max-requests: 100 } }
          health: { type: tcp }
        far:
          servers: { b: { url: "https://127.0.0.1:%d", role: master } }
          health: { type: tcp }
          tls: { bundle: far }
      routes:
        - { id: express, uri: "pool://shop", predicates: ["Path=/express/**"], filters: ["SetRequestHeader=X-Key, s3cret"] }
        - { id: gateway, uri: "pool://shop", predicates: ["Path=/gateway/**", "After=2020-01-01T00:00:00Z"] }
      """;
  private static final JsonMapper JSON = new JsonMapper();

  @AutoClose private static TestServer gone;
  @AutoClose private static TestProxy proxy;
  private static Path file;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    gone = new TestServer("gone");
    gone.kill();
    file = folder.resolve("gateway.yaml");
    Certificates certificates =
        new Certificates(Files.createDirectory(folder.resolve("certificates")));
    certificates.issue("far", "far.domain.com");
    List<String> more = new ArrayList<>(certificates.properties("far"));
    more.add(
        "spring.ssl.bundle.pem.far.truststore.certificate=file:" + certificates.authorityFile());
    proxy =
        new TestProxy(
            folder,
            FILE.formatted(gone.port()),
            TestProxy.tls(folder, more.toArray(String[]::new)));
  }

  private static JsonNode get(String path) {
    try (RawClient client = new RawClient(proxy.managementPort())) {
      Response response = client.get(path, "Host: localhost");
      assertThat(response.status()).isEqualTo(200);
      return JSON.readTree(response.body());
    }
  }

  private static RawClient browser() {
    return RawClient.secure(proxy.port(), new byte[0], "localhost");
  }

  private static JsonNode pool(JsonNode overview, String name) {
    for (JsonNode pool : overview.path("pools")) {
      if (pool.path("name").asString().equals(name)) {
        return pool;
      }
    }
    throw new AssertionError("no pool " + name);
  }

  private static JsonNode a(JsonNode overview) {
    return pool(overview, "shop").at("/servers/0");
  }

  @Test
  void requests_of_both_lanes_show_with_rate_latency_and_bytes() {
    try (RawClient browser = browser()) {
      Await.until(
          "rates of both lanes",
          () -> {
            browser.request("POST", "/express/a", "hello".getBytes(), "Host: h").response("POST");
            browser.request("GET", "/gateway/a", "Host: h").response("GET");
            JsonNode a = a(get("/api/overview"));
            JsonNode routes = get("/api/routes");
            return a.at("/responses/2xx").asDouble() > 0
                && a.path("p50Millis").asDouble() > 0
                && a.path("p99Millis").asDouble() >= a.path("p50Millis").asDouble()
                && a.path("bytesInPerSecond").asLong() > 0
                && a.path("bytesOutPerSecond").asLong() > 0
                && routes.at("/0/requestsPerSecond").asDouble() > 0
                && routes.at("/1/requestsPerSecond").asDouble() > 0;
          });
    }
  }

  @Test
  void an_attempt_that_failed_counts_as_a_retry_of_its_server() {
    long before = a(get("/api/overview")).path("retries").asLong();
    AtomicInteger calls = new AtomicInteger();
    proxy.server.script(
        call -> {
          if (calls.incrementAndGet() == 1) {
            call.reset();
          } else {
            call.reply(200, "second");
          }
        });
    try (RawClient browser = browser()) {
      assertThat(browser.get("/express/retried", "Host: h").status()).isEqualTo(200);
    } finally {
      proxy.server.script(call -> call.reply(200, "server"));
    }
    Await.until("the retry", () -> a(get("/api/overview")).path("retries").asLong() == before + 1);
  }

  @Test
  void a_pool_whose_server_refuses_comes_first_and_says_why() {
    JsonNode overview = get("/api/overview");

    JsonNode first = overview.at("/pools/0");
    assertThat(first.path("name").asString()).isEqualTo("far");
    assertThat(first.path("condition").asString()).isEqualTo("nobody");
    assertThat(first.path("cause").asString())
        .isEqualTo("nobody serves pool far: server b: connection refused");
    JsonNode b = first.at("/servers/0");
    assertThat(b.path("minutes").asString()).endsWith("d");
    Await.until(
        "failed checks",
        () -> {
          JsonNode now = pool(get("/api/overview"), "far").at("/servers/0");
          return now.path("checksFailed").asLong() > b.path("checksFailed").asLong()
              && now.path("downtimeSeconds").asLong() > 0;
        });
  }

  @Test
  void the_file_in_force_has_its_fingerprint() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    JsonNode config = get("/api/overview").path("config");
    assertThat(config.path("fingerprint").asString())
        .isEqualTo(HexFormat.of().formatHex(digest).substring(0, 12));
    assertThat(config.path("rejected").asBoolean()).isFalse();
  }

  @Test
  void routes_show_their_parts_without_secrets() {
    JsonNode routes = get("/api/routes");
    assertThat(routes.at("/0/id").asString()).isEqualTo("express");
    assertThat(routes.at("/0/pool").asString()).isEqualTo("shop");
    assertThat(routes.at("/0/predicates").toString()).isEqualTo("[\"Path=/express/**\"]");
    assertThat(routes.at("/0/filters").toString()).isEqualTo("[\"SetRequestHeader=X-Key,***\"]");
    assertThat(routes.at("/1/predicates").toString())
        .isEqualTo("[\"Path=/gateway/**\",\"After=2020-01-01T00:00:00Z\"]");
  }

  @Test
  void certificates_of_listener_and_upstream_connections_are_listed() {
    assertThat(get("/api/certificates"))
        .allSatisfy(
            each -> {
              assertThat(each.path("daysLeft").asLong()).isNotNegative();
              assertThat(each.path("issuer").asString()).isNotEmpty();
            })
        .extracting(
            each ->
                "%s %s %s"
                    .formatted(
                        each.path("bundle").asString(),
                        each.path("use").asString(),
                        each.path("names")))
        .contains(
            "main server [\"localhost\",\"127.0.0.1\"]",
            "wild server [\"*.domain.com\",\"any.domain.com\",\"127.0.0.1\"]",
            "far client [\"far.domain.com\",\"127.0.0.1\"]",
            "far upstream trust []");
  }

  @Test
  void the_process_shows_what_it_uses_of_its_limits() {
    try (RawClient browser = browser()) {
      browser.get("/express/a", "Host: h");
      JsonNode process = get("/api/process");

      assertThat(process.path("pid").asLong()).isEqualTo(ProcessHandle.current().pid());
      assertThat(process.at("/cpu/seconds").asDouble()).isPositive();
      assertThat(process.at("/cpu/processors").asInt())
          .isEqualTo(Runtime.getRuntime().availableProcessors());
      assertThat(process.at("/memory/heapUsedBytes").asLong()).isPositive();
      assertThat(process.at("/memory/residentBytes").asLong()).isPositive();
      assertThat(process.at("/fileDescriptors/open").asLong()).isPositive();
      JsonNode loops = process.path("eventLoops");
      assertThat(loops.path("count").asInt()).isEqualTo(Runtime.getRuntime().availableProcessors());
      assertThat(loops.path("connections").asInt()).isPositive();
      assertThat(loops.path("longestLagMillis").asDouble()).isPositive();
      assertThat(process.path("limits").findValuesAsString("name"))
          .contains(
              "client connections",
              "file descriptors",
              "heap bytes",
              "held requests of far",
              "requests of shop/a",
              "overview streams",
              "event streams");
    }
  }
}
