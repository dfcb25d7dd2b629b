package dev.understudy.conformance;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Debian's Prometheus with our rules, which scrapes one replica each second. */
final class PrometheusServer implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration START = Duration.ofMinutes(2);

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = Ports.free();
  private final Path log;
  private final Process process;

  private PrometheusServer(Path folder, int managementPort) throws IOException {
    log = folder.resolve("prometheus.log");
    Path config =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: ["%s"]
            scrape_configs:
              - job_name: understudy
                metrics_path: /actuator/prometheus
                static_configs:
                  - targets: ["127.0.0.1:%d"]
                    labels: { namespace: test }
            """
                .formatted(
                    Path.of("deploy/monitoring/understudy.rules.yaml").toAbsolutePath(),
                    managementPort));
    process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  static PrometheusServer start(Path folder, int managementPort) throws IOException {
    PrometheusServer server = new PrometheusServer(folder, managementPort);
    Await.until("Prometheus is ready", START, server::isReady);
    return server;
  }

  private boolean isReady() throws IOException, InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException("prometheus ended: " + Files.readString(log));
    }
    try {
      return send("/-/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private java.net.http.HttpResponse<String> send(String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private JsonNode data(String path) throws IOException, InterruptedException {
    JsonNode answer = JSON.readTree(send(path).body());
    if (!answer.path("status").asString().equals("success")) {
      throw new AssertionError(path + ": " + answer);
    }
    return answer.path("data");
  }

  /** The result of an instant query: series, or the elements of a scalar. */
  JsonNode query(String expression) throws IOException, InterruptedException {
    return data("/api/v1/query?query=" + encode(expression)).path("result");
  }

  /** The values of a label over the series of a metric. */
  JsonNode labelValues(String metric, String label) throws IOException, InterruptedException {
    return data("/api/v1/label/" + label + "/values?match[]=".replace("[]", "%5B%5D") + metric);
  }

  /** All rules with their health and last error. */
  JsonNode rules() throws IOException, InterruptedException {
    return data("/api/v1/rules").at("/groups/0/rules");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
    http.shutdownNow();
  }
}
