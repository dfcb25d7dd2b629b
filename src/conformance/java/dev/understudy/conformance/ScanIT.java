package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code .ci/scan} with curl and jq, before a server that knows one vulnerability of one library.
 */
class ScanIT {
  private static final String BOM =
      """
      {"components": [
        {"purl": "pkg:maven/a/lib@1?type=jar"},
        {"purl": "pkg:maven/b/other@2"},
        {"purl": "pkg:maven/org.webjars.npm/ui@3?type=jar"}]}
      """;

  @TempDir private Path folder;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer osv;

  @BeforeEach
  void start() throws IOException {
    osv = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answers("/v1/querybatch", "{\"results\": [{\"vulns\": [{\"id\": \"GHSA-1\"}]}, {}, {}, {}]}");
    answers(
        "/v1/vulns/GHSA-1", "{\"id\": \"GHSA-1\", \"aliases\": [\"CVE-1\"], \"summary\": \"s\"}");
    osv.start();
  }

  @AfterEach
  void stop() {
    osv.stop(0);
  }

  private void answers(String path, String json) {
    osv.createContext(
        path,
        (HttpExchange exchange) -> {
          try (exchange) {
            asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          no statement                  |                                                                | 1 | OPEN: GHSA-1 CVE-1 in pkg:maven/a/lib@1: s
          one of an alias               | {"vulnerability": {"name": "CVE-1"}, "status": "not_affected"} | 0 | covered: GHSA-1 CVE-1
          one of the id                 | {"vulnerability": {"name": "GHSA-1"}, "status": "fixed"}       | 0 | covered: GHSA-1 CVE-1
          one of another                | {"vulnerability": {"name": "CVE-2"}, "status": "not_affected"} | 1 | OPEN: GHSA-1
          one that admits it            | {"vulnerability": {"name": "CVE-1"}, "status": "affected"}     | 1 | OPEN: GHSA-1
          one of another library        | {"vulnerability": {"name": "CVE-1"}, "status": "not_affected", "products": [{"subcomponents": [{"@id": "pkg:maven/b/other@2"}]}]} | 1 | OPEN: GHSA-1
          one of the library            | {"vulnerability": {"name": "CVE-1"}, "status": "not_affected", "products": [{"subcomponents": [{"@id": "pkg:maven/a/lib"}]}]}     | 0 | covered: GHSA-1
          """)
  void a_vulnerability_is_open_unless_a_statement_covers_it(
      String row, String statement, int status, String said) throws Exception {
    Path bom = Files.writeString(folder.resolve("bom.json"), BOM);
    Path vex =
        Files.writeString(
            folder.resolve("vex.json"),
            "{\"statements\": [%s]}".formatted(statement == null ? "" : statement));
    ProcessBuilder builder =
        new ProcessBuilder(".ci/scan", "--vex", vex.toString(), bom.toString())
            .redirectErrorStream(true);
    builder.environment().put("OSV", "http://127.0.0.1:" + osv.getAddress().getPort());
    Process process = builder.start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains(said);
    assertThat(process.waitFor()).isEqualTo(status);
    assertThat(JsonMapper.shared().readTree(asked.getFirst()).findValuesAsString("purl"))
        .containsExactly(
            "pkg:maven/a/lib@1",
            "pkg:maven/b/other@2",
            "pkg:maven/org.webjars.npm/ui@3",
            "pkg:npm/ui@3");
  }
}
