package dev.understudy.scenario;

import dev.understudy.testing.Await;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The jar in a process of its own as one of the replicas, with its own way to the store. */
public final class Replica implements AutoCloseable {
  public static final String POOL = "sense";

  private static final String TOKEN = "a-token-for-tests-only";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  private final String name;
  private final Path folder;
  private final Way way;
  private final Map<String, String> environment;
  private final List<String> settings;
  private volatile @Nullable UpgradedProxy process;

  /**
   * @param settings further arguments of the jar
   */
  public Replica(String name, Path folder, Way way, String... settings) throws IOException {
    this(name, folder, way, Map.of(), settings);
  }

  /** The same with further environment variables. */
  public Replica(
      String name, Path folder, Way way, Map<String, String> environment, String... settings)
      throws IOException {
    this.name = name;
    this.folder = Files.createDirectories(folder.resolve(name));
    this.way = way;
    this.environment = environment;
    this.settings = List.of(settings);
  }

  public String name() {
    return name;
  }

  public Way way() {
    return way;
  }

  public Path file() {
    return folder.resolve("gateway.yaml");
  }

  public void start(String... more) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(settings);
    arguments.addAll(
        List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--understudy.agreement.replica=" + name,
            "--understudy.admin.token=" + TOKEN));
    arguments.addAll(Arrays.asList(more));
    process = UpgradedProxy.start(folder, file(), environment, arguments.toArray(String[]::new));
  }

  public boolean isRunning() {
    return process != null;
  }

  /** Its ports, which stay while it is upgraded, and its log. */
  public ProxyProcess process() {
    return running().proxy();
  }

  private UpgradedProxy running() {
    UpgradedProxy running = process;
    if (running == null) {
      throw new IllegalStateException(name + " does not run");
    }
    return running;
  }

  /** The process that was started last. */
  public ProcessHandle newest() {
    return running().newest();
  }

  /** Hands over to a new process; what was printed, and the exit status. */
  public UpgradedProxy.Upgrade upgrade() throws IOException, InterruptedException {
    return running().upgrade();
  }

  public void kill() throws InterruptedException {
    UpgradedProxy running = running();
    process = null;
    running.close();
  }

  /** SIGTERM, and waits for the end. */
  public void terminate() {
    UpgradedProxy running = running();
    running.alive().forEach(ProcessHandle::destroy);
    Await.until(name + " has ended", () -> running.alive().isEmpty());
    process = null;
  }

  /** To all of its processes. */
  public void signal(String signal) throws IOException, InterruptedException {
    for (ProcessHandle each : running().alive()) {
      Processes.signal(each, signal);
    }
  }

  public boolean isReady() {
    return process().status("/actuator/health/readiness") == 200;
  }

  public JsonNode pool() {
    return JsonMapper.shared().readTree(process().manage("/api/pools/" + POOL));
  }

  public List<JsonNode> events() {
    return JsonMapper.shared()
        .readTree(process().manage("/api/events?pool=" + POOL))
        .at("/events")
        .valueStream()
        .toList();
  }

  /** An operator's wish; the status of the response. */
  public int switchTo(String server) throws IOException, InterruptedException {
    return write("POST", "/api/pools/" + POOL + "/switch", "{\"to\": \"" + server + "\"}");
  }

  /** Begins a planned switch; the status of the response. */
  public int planSwitch(String server, String pause) throws IOException, InterruptedException {
    return write(
        "POST",
        "/api/pools/" + POOL + "/switch",
        "{\"to\": \"" + server + "\", \"planned\": true, \"pause\": \"" + pause + "\"}");
  }

  /** Gives the planned switch up; the status of the response. */
  public int giveUpSwitch() throws IOException, InterruptedException {
    return write("DELETE", "/api/pools/" + POOL + "/switch", "");
  }

  /** The present or last planned switch. */
  public JsonNode plannedSwitch() {
    return JsonMapper.shared().readTree(process().manage("/api/pools/" + POOL + "/switch"));
  }

  /** An operator's wish; the status of the response. */
  public int state(String server, String state) throws IOException, InterruptedException {
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
    UpgradedProxy running = process;
    if (running != null) {
      running.close();
    }
    way.close();
  }
}
