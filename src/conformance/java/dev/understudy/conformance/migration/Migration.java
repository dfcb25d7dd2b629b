package dev.understudy.conformance.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.Processes;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.Trusting;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** HAProxy with a configuration, and Understudy with what {@code import} made of it. */
final class Migration implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Map<String, String> theirs;
  private final Map<String, String> ours;
  private final String report;
  private final Process haproxy;
  private final ProxyProcess understudy;

  private Migration(
      Map<String, String> theirs,
      Map<String, String> ours,
      String report,
      Process haproxy,
      ProxyProcess understudy) {
    this.theirs = theirs;
    this.ours = ours;
    this.report = report;
    this.haproxy = haproxy;
    this.understudy = understudy;
  }

  /**
   * Starts both.
   *
   * @param folder for what they write
   * @param shared variables of the configuration
   * @param ports names of variables that get a port, another in each; HAProxy listens on the first
   * @param arguments further ones of Understudy
   */
  static Migration start(
      Path folder, Path file, Map<String, String> shared, List<String> ports, String... arguments)
      throws IOException, InterruptedException {
    Map<String, String> theirs = new LinkedHashMap<>(shared);
    Map<String, String> ours = new LinkedHashMap<>(shared);
    for (String port : ports) {
      theirs.put(port, free(theirs, ours));
      ours.put(port, free(theirs, ours));
    }
    String report = importFile(folder, file, ours);
    Process haproxy = haproxy(folder, file, theirs);
    try {
      ProxyProcess understudy =
          ProxyProcess.start(folder, folder.resolve("gateway.yaml"), arguments);
      Migration migration = new Migration(theirs, ours, report, haproxy, understudy);
      migration.awaitHaproxy(folder, ports.getFirst());
      return migration;
    } catch (RuntimeException | AssertionError | IOException e) {
      haproxy.destroyForcibly().waitFor();
      throw e;
    }
  }

  private static String free(Map<String, String> theirs, Map<String, String> ours)
      throws IOException {
    String port = Integer.toString(Ports.free());
    return theirs.containsValue(port) || ours.containsValue(port) ? free(theirs, ours) : port;
  }

  /** Imports the file with its variables; returns the report. */
  private static String importFile(Path folder, Path file, Map<String, String> variables)
      throws IOException, InterruptedException {
    List<String> command = Processes.archived(List.of());
    command.addAll(
        List.of("import", file.toString(), "-o", folder.resolve("gateway.yaml").toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(variables);
    Process process = builder.start();
    String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(report).isBetween(0, 1);
    return report;
  }

  private static Process haproxy(Path folder, Path file, Map<String, String> variables)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .directory(file.toAbsolutePath().getParent().toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("haproxy.log").toFile());
    builder.environment().putAll(variables);
    return builder.start();
  }

  private void awaitHaproxy(Path folder, String port) {
    Await.until(
        "HAProxy listens",
        () -> {
          if (!haproxy.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("haproxy.log")));
          }
          return Ports.listening(Integer.parseInt(theirs.get(port)));
        });
  }

  int theirPort(String variable) {
    return Integer.parseInt(theirs.get(variable));
  }

  int ourPort(String variable) {
    return Integer.parseInt(ours.get(variable));
  }

  /** Sets the state of a server of a pool that has it. */
  void state(String pool, String server, String state, String token)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:%d/api/pools/%s/servers/%s/state"
                        .formatted(understudy.managementPort(), pool, server)))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .PUT(
                HttpRequest.BodyPublishers.ofString(
                    "{\"state\": \"" + state + "\", \"force\": true}"))
            .build();
    int status = HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    assertThat(status).isIn(200, 404);
  }

  String report() {
    return report;
  }

  ProxyProcess process() {
    return understudy;
  }

  Seen haproxy(Row row) throws Exception {
    return send(row, theirs);
  }

  Seen understudy(Row row) throws Exception {
    return send(row, ours);
  }

  private static Seen send(Row row, Map<String, String> variables) throws Exception {
    int port = Integer.parseInt(variables.get(row.port()));
    String[] headers = row.headers().toArray(String[]::new);
    String body = row.method().equals("POST") || row.method().equals("PUT") ? "a=b" : "";
    try (HttpConnection connection = row.tls() ? tls(port, row) : new HttpConnection(port)) {
      Answer response = connection.send(row.method(), row.target(), body, headers);
      return Seen.of(response);
    } catch (IOException e) {
      return new Seen(0, Map.of(), List.of(), "");
    }
  }

  private static HttpConnection tls(int port, Row row) throws Exception {
    Socket raw = new Socket("127.0.0.1", port);
    return HttpConnection.over(Trusting.secure(raw, row.serverName()));
  }

  @Override
  public void close() throws Exception {
    understudy.close();
    haproxy.destroyForcibly().waitFor();
  }
}
