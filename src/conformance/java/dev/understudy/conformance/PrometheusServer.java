package dev.understudy.conformance;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Debian's Prometheus with our rules, which scrapes one replica each second. */
final class PrometheusServer implements AutoCloseable {
  private final ReadyProcess process;

  private PrometheusServer(ReadyProcess process) {
    this.process = process;
  }

  static PrometheusServer start(Path folder, int managementPort) throws IOException {
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
    int port = Ports.free();
    return new PrometheusServer(
        ReadyProcess.start(
            folder,
            port,
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + folder.resolve("tsdb"),
            "--web.listen-address=127.0.0.1:" + port,
            "--log.level=warn"));
  }

  private JsonNode data(String path) throws IOException, InterruptedException {
    JsonNode answer = JsonMapper.shared().readTree(process.get(path));
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
    process.close();
  }
}
