package dev.understudy.conformance.migration;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.Processes;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page on replacing a running HAProxy: its commands, as they are printed but for ports and
 * folders, lead from a real HAProxy to Understudy and back. {@code systemctl} starts and stops the
 * programs themselves.
 */
class ReplacementPageIT {
  private static final Path PAGE = Path.of("config/replace-haproxy.md");
  private static final int TRIAL = 10_000;

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();
  private HttpServer server;
  private int port;
  private Map<String, String> places;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", ReplacementPageIT::respond);
    server.start();
    port = Ports.free();
    Path settings = Files.createDirectories(folder.resolve("etc"));
    Files.writeString(
        folder.resolve("haproxy.cfg"),
        """
        defaults
          mode http
          timeout connect 5s
          timeout client 30s
          timeout server 30s
        frontend web
          bind 127.0.0.1:%d
          http-response set-header X-Frame-Options DENY
          default_backend app
        backend app
          server one 127.0.0.1:%d check
        """
            .formatted(port, server.getAddress().getPort()));
    String run = String.join(" ", Processes.archived(List.of()));
    script("understudy", "exec " + run + " \"$@\"");
    script(
        "systemctl",
        """
        case "$1 $2" in
          "stop "*) kill "$(cat "$2.pid")"; while kill -0 "$(cat "$2.pid")" 2>&-; do :; done ;;
          "start haproxy") haproxy -D -p haproxy.pid -f haproxy.cfg ;;
          "start understudy")
            %s --understudy.config=%s/gateway.yaml --server.port=%d --management.server.port=%d \
              > understudy.log 2>&1 < /dev/null & echo $! > understudy.pid ;;
        esac
        """
            .formatted(run, settings, Ports.free(), Ports.free()));
    places =
        Map.of(
            "/etc/haproxy/haproxy.cfg", "haproxy.cfg",
            "/etc/understudy/", settings + "/",
            "install -g understudy ", "install ",
            "editor ", "touch ",
            "localhost:80 ", "127.0.0.1:" + port + " ",
            "localhost:10080 ", "127.0.0.1:" + (port + TRIAL) + " ",
            "--server.port=18080", "--server.port=" + Ports.free(),
            "--management.server.port=19090", "--management.server.port=" + Ports.free());
    assertThat(run("systemctl start haproxy")).isZero();
    awaitListening(port);
  }

  @AfterEach
  void stop() throws Exception {
    started.forEach(Process::destroyForcibly);
    run("for each in *.pid; do kill -9 \"$(cat \"$each\")\" 2>&-; done; true");
    server.stop(0);
  }

  private static void respond(HttpExchange exchange) throws IOException {
    boolean found = exchange.getRequestURI().getPath().equals("/");
    byte[] body = (found ? "hello" : "nothing there").getBytes(US_ASCII);
    try (exchange) {
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(found ? 200 : 404, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private void script(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/bash\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Process begin(String command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("printed").toFile());
    builder.environment().merge("PATH", folder.toString(), (path, own) -> own + ":" + path);
    return builder.start();
  }

  private int run(String command) throws IOException, InterruptedException {
    return begin(command).waitFor();
  }

  private String printed() throws IOException {
    return Files.readString(folder.resolve("printed"));
  }

  private static void awaitListening(int port) {
    Await.until("somebody listens on " + port, () -> Ports.listening(port));
  }

  private static List<String> blocks(String language) throws IOException {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(PAGE))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  /** A command of the page with the places of this machine. */
  private String here(String line) {
    String command = line;
    for (Map.Entry<String, String> each : places.entrySet()) {
      command = command.replace(each.getKey(), each.getValue());
    }
    return command;
  }

  @Test
  void its_commands_lead_to_understudy_and_back() throws Exception {
    Files.writeString(folder.resolve("requests.txt"), blocks("text").getFirst());
    Process trial = null;
    String compare = "";
    for (String line : String.join("", blocks("sh")).lines().toList()) {
      String command = here(line);
      if (line.startsWith("understudy --understudy.config=trial.yaml")) {
        trial = begin("exec " + command);
        started.add(trial);
        awaitListening(port + TRIAL);
        continue;
      }
      if (line.equals("systemctl stop haproxy") && trial != null) {
        trial.destroy();
        assertThat(trial.waitFor()).isNotNegative();
      }
      assertThat(run(command)).as("%s%n%s", command, printed()).isZero();
      if (line.startsWith("understudy import")) {
        assertThat(printed()).contains("Read as HAProxy ").doesNotContain("ANOTHER VERSION");
      } else if (line.startsWith("understudy compare")) {
        compare = command;
        assertThat(printed()).contains("requests: 3, alike: 3, different: 0");
        findsDifference(command);
      } else if (line.startsWith("systemctl start")) {
        awaitListening(port);
        assertThat(run("curl -sf http://127.0.0.1:" + port + "/")).as(printed()).isZero();
      }
    }
    assertThat(compare).isNotEmpty();
  }

  /** A deliberate difference, of which the running trial hears by its file. */
  private void findsDifference(String command) throws Exception {
    Path file = folder.resolve("trial.yaml");
    String before = Files.readString(file);
    Path next = Files.writeString(folder.resolve("next"), before.replace("DENY", "SAMEORIGIN"));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    Await.until("the difference is found", () -> run(command) == 1);
    assertThat(printed())
        .containsSubsequence("GET /", "header x-frame-options", ": DENY", ": SAMEORIGIN")
        .contains("requests: 3, alike: 0, different: 3");
  }
}
