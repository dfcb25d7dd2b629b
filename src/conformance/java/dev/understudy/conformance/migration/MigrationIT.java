package dev.understudy.conformance.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.Processes;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.FakeNameServer;
import dev.understudy.testing.Trusting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HAProxy with a configuration, and Understudy with what {@code import} made of it, before the same
 * servers: the same requests and faults give the same responses, and servers get the same requests.
 */
class MigrationIT {
  private static final Path CASES = Path.of("src/conformance/haproxy");

  /** After an event: how long both must respond alike, which one that is late does not. */
  private static final long STEADY_NANOS = 500_000_000;

  @TempDir private Path folder;
  private final Map<String, EchoServer> servers = new LinkedHashMap<>();
  private final Map<String, String> shared = new LinkedHashMap<>();
  private final FakeNameServer names = new FakeNameServer();
  private Certificates certificates;

  static Stream<String> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".requests"))
          .map(name -> name.replace(".requests", ""))
          .sorted()
          .toList()
          .stream();
    }
  }

  @BeforeEach
  void start() throws Exception {
    for (String name : List.of("A", "B", "C", "D")) {
      EchoServer server = EchoServer.start(name);
      servers.put(name, server);
      shared.put(name, Integer.toString(server.port()));
    }
    names.answer("app.example", 60, InetAddress.getLoopbackAddress());
    shared.put("DNS", Integer.toString(names.address().getPort()));
    shared.put("LISTS", CASES.toAbsolutePath().toString());
    certificates = new Certificates(folder);
    Path sites = Files.createDirectory(folder.resolve("sites"));
    for (String site : List.of("www.example.com", "shop.example.com")) {
      certificates.issue(site, site);
      Files.writeString(
          sites.resolve(site + ".pem"),
          Files.readString(certificates.chain(site)) + Files.readString(certificates.key(site)));
    }
    shared.put("SITES", sites.toString());
    shared.put("SITE", sites.resolve("www.example.com.pem").toString());
  }

  @AfterEach
  void stop() throws IOException {
    for (EchoServer server : servers.values()) {
      server.close();
    }
    names.close();
  }

  private Map<String, String> ports() throws IOException {
    Map<String, String> variables = new LinkedHashMap<>(shared);
    for (String port : List.of("WEB", "SECURE", "STATS")) {
      variables.put(port, Integer.toString(Ports.free()));
    }
    return variables;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void both_respond_alike(String name) throws Exception {
    Path file = CASES.resolve(name + ".cfg").toAbsolutePath();
    Map<String, String> theirs = ports();
    Map<String, String> ours = ports();
    List<Row> rows =
        Files.readAllLines(CASES.resolve(name + ".requests")).stream().map(Row::of).toList();
    String report = importFile(file, ours);
    Process haproxy = haproxy(file, theirs);
    try (ProxyProcess proxy = ProxyProcess.start(folder, folder.resolve("gateway.yaml"))) {
      awaitHaproxy(haproxy, theirs);
      boolean fresh = true;
      for (Row row : rows) {
        if (row.event()) {
          obey(row);
          fresh = true;
        } else {
          compare(row, theirs, ours, fresh, report);
          fresh = false;
        }
      }
      assertThat(proxy.status("/actuator/health/liveness")).isEqualTo(200);
    } finally {
      haproxy.destroyForcibly().waitFor();
    }
  }

  /** Imports the file with its variables; returns the report. */
  private String importFile(Path file, Map<String, String> variables)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Processes.java(),
                "-jar",
                Path.of("target/understudy.jar").toAbsolutePath().toString(),
                "import",
                file.toString(),
                "-o",
                folder.resolve("gateway.yaml").toString())
            .redirectErrorStream(true);
    builder.environment().putAll(variables);
    Process process = builder.start();
    String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(report).isBetween(0, 1);
    return report;
  }

  private Process haproxy(Path file, Map<String, String> variables) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .directory(CASES.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("haproxy.log").toFile());
    builder.environment().putAll(variables);
    return builder.start();
  }

  private void awaitHaproxy(Process haproxy, Map<String, String> variables) {
    Await.until(
        "HAProxy listens",
        () -> {
          if (!haproxy.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("haproxy.log")));
          }
          return Ports.listening(Integer.parseInt(variables.get("WEB")));
        });
  }

  private void obey(Row row) throws IOException {
    EchoServer server = servers.get(row.target());
    switch (row.method()) {
      case "kill" -> server.kill();
      case "restore" -> server.restore();
      case "unhealthy" -> server.setUnhealthy();
      default -> throw new IllegalArgumentException(row.text());
    }
  }

  /**
   * @param fresh after an event, which each notices in its own time
   */
  private void compare(
      Row row, Map<String, String> theirs, Map<String, String> ours, boolean fresh, String report)
      throws Exception {
    Seen expected = send(row, theirs);
    Seen seen = send(row, ours).besides(expected);
    long differed = System.nanoTime();
    for (int i = 0; fresh && i < 300 && System.nanoTime() - differed < STEADY_NANOS; i++) {
      Await.until("a moment", settled());
      expected = send(row, theirs);
      seen = send(row, ours).besides(expected);
      differed = seen.equals(expected) ? differed : System.nanoTime();
    }
    assertThat(seen).as("%s%n%s", row.text(), report).isEqualTo(expected);
  }

  private static java.util.concurrent.Callable<Boolean> settled() {
    long until = System.nanoTime() + 50_000_000;
    return () -> System.nanoTime() - until > 0;
  }

  private Seen send(Row row, Map<String, String> variables) throws Exception {
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
}
