package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.conformance.console.Chromium;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built-in error page in Debian's Chromium, which loads itself again. */
class ErrorPageBrowserIT {
  private static final String FILE =
      """
      pools:
        p:
          servers: { a: { url: "http://127.0.0.1:%d" } }
          health: { type: tcp, interval: 200ms }
          hold: { time: 0s }
      routes:
        - { id: all, uri: "pool://p", predicates: [ "Path=/**" ] }
      """;

  @TempDir private Path folder;

  @Test
  void a_browser_that_got_503_gets_the_application_once_that_is_back() throws Exception {
    try (TestServer server = new TestServer("application", call -> call.reply(200, "<p>back"))) {
      server.kill();
      Path file = folder.resolve("gateway.yaml");
      Files.writeString(file, FILE.formatted(server.port()));
      try (ProxyProcess proxy = ProxyProcess.start(folder, file, "--understudy.access-log=plain")) {
        Process browser = browse("http://127.0.0.1:" + proxy.port() + "/shop?item=7");
        try {
          Await.until(
              "the page has loaded itself twice", () -> lines(proxy, "status=503").size() > 2);
          server.restart();
          Await.until("the application is shown", () -> !lines(proxy, "status=200").isEmpty());
        } finally {
          browser.destroy();
          browser.waitFor();
        }
        assertThat(lines(proxy, "status=503"))
            .allSatisfy(line -> assertThat(line).contains("target=\"/shop?item=7\""));
        assertThat(server.calls().get(0).line()).isEqualTo("GET /shop?item=7 HTTP/1.1");
      }
    }
  }

  private static List<String> lines(ProxyProcess proxy, String part) throws Exception {
    return proxy.log().lines().filter(line -> line.contains(part)).toList();
  }

  private Process browse(String url) throws Exception {
    return new ProcessBuilder(
            Chromium.PROGRAM.toString(),
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--user-data-dir=" + folder.resolve("profile"),
            "--remote-debugging-port=0",
            url)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("chromium.log").toFile())
        .start();
  }
}
