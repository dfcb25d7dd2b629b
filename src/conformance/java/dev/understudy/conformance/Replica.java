package dev.understudy.conformance;

import dev.understudy.scenario.ProxyProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The jar in a process of its own as one of the replicas, with its own way to the API server. */
final class Replica implements AutoCloseable {
  static final String POOL = "sense";

  private static final String TOKEN = "a-token-for-tests-only";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  private final String name;
  private final Path folder;
  private final Way way;
  private final List<String> settings;
  private volatile @Nullable ProxyProcess process;

  /**
   * @param settings further arguments of the jar
   */
  Replica(String name, Path folder, Way way, String... settings) throws IOException {
    this.name = name;
    this.folder = Files.createDirectories(folder.resolve(name));
    this.way = way;
    this.settings = List.of(settings);
  }

  String name() {
    return name;
  }

  Way way() {
    return way;
  }

  Path file() {
    return folder.resolve("gateway.yaml");
  }

  void start(String... more) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(settings);
    arguments.addAll(
        List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--understudy.agreement.replica=" + name,
            "--understudy.agreement.kubernetes.url=" + way.url(),
            "--understudy.admin.token=" + TOKEN));
    arguments.addAll(Arrays.asList(more));
    process = ProxyProcess.start(folder, file(), arguments.toArray(String[]::new));
  }

  boolean isRunning() {
    return process != null;
  }

  ProxyProcess process() {
    ProxyProcess running = process;
    if (running == null) {
      throw new IllegalStateException(name + " does not run");
    }
    return running;
  }

  void kill() throws InterruptedException {
    process().close();
    process = null;
  }

  /** SIGTERM, and waits for the end. */
  void terminate() throws InterruptedException {
    ProxyProcess running = process();
    running.terminate();
    running.awaitEnd();
    process = null;
  }

  void signal(String signal) throws IOException, InterruptedException {
    process().signal(signal);
  }

  boolean isReady() {
    return process().status("/actuator/health/readiness") == 200;
  }

  JsonNode pool() {
    return JsonMapper.shared().readTree(process().manage("/api/pools/" + POOL));
  }

  List<JsonNode> events() {
    return JsonMapper.shared()
        .readTree(process().manage("/api/events?pool=" + POOL))
        .at("/events")
        .valueStream()
        .toList();
  }

  /** An operator's wish; the status of the response. */
  int switchTo(String server) throws IOException, InterruptedException {
    return write("POST", "/api/pools/" + POOL + "/switch", "{\"to\": \"" + server + "\"}");
  }

  /** Begins a planned switch; the status of the response. */
  int planSwitch(String server, String pause) throws IOException, InterruptedException {
    return write(
        "POST",
        "/api/pools/" + POOL + "/switch",
        "{\"to\": \"" + server + "\", \"planned\": true, \"pause\": \"" + pause + "\"}");
  }

  /** Gives the planned switch up; the status of the response. */
  int giveUpSwitch() throws IOException, InterruptedException {
    return write("DELETE", "/api/pools/" + POOL + "/switch", "");
  }

  /** The present or last planned switch. */
  JsonNode plannedSwitch() {
    return JsonMapper.shared().readTree(process().manage("/api/pools/" + POOL + "/switch"));
  }

  /** An operator's wish; the status of the response. */
  int state(String server, String state) throws IOException, InterruptedException {
    return write(
        "PUT",
        "/api/pools/" + POOL + "/servers/" + server + "/state",
        "{\"state\": \"" + state + "\"}");
  }

  private int write(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + process().managementPort() + path))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(15))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
    return response.statusCode();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    ProxyProcess running = process;
    if (running != null) {
      running.close();
    }
    way.close();
  }
}
