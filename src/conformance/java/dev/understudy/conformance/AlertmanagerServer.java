package dev.understudy.conformance;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Debian's Alertmanager, alone, which notifies nobody. */
final class AlertmanagerServer implements AutoCloseable {
  private static final String ALERTS = "/api/v2/alerts";

  private final ReadyProcess process;

  private AlertmanagerServer(ReadyProcess process) {
    this.process = process;
  }

  static AlertmanagerServer start(Path folder) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("alertmanager.yml"),
            """
            route: { receiver: none, group_wait: 1s }
            receivers: [ { name: none } ]
            """);
    int port = Ports.free();
    return new AlertmanagerServer(
        ReadyProcess.start(
            folder,
            port,
            "prometheus-alertmanager",
            "--config.file=" + config,
            "--storage.path=" + folder.resolve("alertmanager"),
            "--web.listen-address=127.0.0.1:" + port,
            "--cluster.listen-address=",
            "--log.level=warn"));
  }

  /** Where alerts are posted. */
  String url() {
    return process.url() + ALERTS;
  }

  /** The alerts of that name that are on. */
  List<JsonNode> alerts(String name) throws IOException, InterruptedException {
    return JsonMapper.shared()
        .readTree(process.get(ALERTS))
        .valueStream()
        .filter(alert -> alert.at("/labels/alertname").asString("").equals(name))
        .toList();
  }

  @Override
  public void close() throws InterruptedException {
    process.close();
  }
}
