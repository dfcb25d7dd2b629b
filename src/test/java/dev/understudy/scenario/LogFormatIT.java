package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The built jar with {@code understudy.log-format: json}. */
@Tag(Extent.SLOW)
class LogFormatIT {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;

  @Test
  void logs_events_and_the_access_log_are_json_by_one_setting() throws Exception {
    try (TestServer server = new TestServer("one");
        ProxyProcess proxy =
            ProxyProcess.before(
                server.port(),
                folder,
                "--understudy.log-format=json",
                "--understudy.access-log=plain")) {
      assertThat(HttpConnection.once(proxy.port(), "GET", "/here").status()).isEqualTo(200);
      Await.until("the request's line", () -> proxy.log().contains("/here"));

      List<String> lines =
          proxy.log().lines().filter(line -> !line.startsWith("WARNING:")).toList();
      assertThat(lines)
          .allSatisfy(line -> assertThatCode(() -> JSON.readTree(line)).doesNotThrowAnyException());
      assertThat(lines.stream().map(JSON::readTree).map(LogFormatIT::kind))
          .contains("log", "event", "access");
    }
  }

  private static String kind(JsonNode line) {
    return line.has("event") ? "event" : line.has("target") ? "access" : "log";
  }
}
