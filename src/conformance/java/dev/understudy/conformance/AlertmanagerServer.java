package dev.understudy.conformance;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Debian's Alertmanager, alone, which notifies nobody. */
final class AlertmanagerServer implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = Ports.free();
  private final Path log;
  private final Process process;

  private AlertmanagerServer(Path folder) throws IOException {
    log = folder.resolve("alertmanager.log");
    Path config =
        Files.writeString(
            folder.resolve("alertmanager.yml"),
            """
            route: { receiver: none, group_wait: 1s }
            receivers: [ { name: none } ]
            """);
    process =
        new ProcessBuilder(
                "prometheus-alertmanager",
                "--config.file=" + config,
                "--storage.path=" + folder.resolve("alertmanager"),
                "--web.listen-address=127.0.0.1:" + port,
                "--cluster.listen-address=",
                "--log.level=warn")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  static AlertmanagerServer start(Path folder) throws IOException {
    AlertmanagerServer server = new AlertmanagerServer(folder);
    Await.until("Alertmanager is ready", START, server::isReady);
    return server;
  }

  private boolean isReady() throws IOException, InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException("alertmanager ended: " + Files.readString(log));
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

  /** Where alerts are posted. */
  String url() {
    return "http://127.0.0.1:" + port + "/api/v2/alerts";
  }

  /** The alerts of that name that are on. */
  List<JsonNode> alerts(String name) throws IOException, InterruptedException {
    return JsonMapper.shared()
        .readTree(send("/api/v2/alerts").body())
        .valueStream()
        .filter(alert -> alert.at("/labels/alertname").asString("").equals(name))
        .toList();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
    http.shutdownNow();
  }
}
