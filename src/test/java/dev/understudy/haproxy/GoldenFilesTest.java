package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.pages.GeneratedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole configurations and what they become. Each {@code .cfg} is valid for HAProxy 2.6. The files
 * beside them are written anew with {@code -Dunderstudy.generate=true}.
 */
class GoldenFilesTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/understudy/haproxy");
  private static final Map<String, String> FILES =
      Map.of("/etc/haproxy/errors/503.http", "HTTP/1.0 503 Down\r\n\r\n<h1>Back soon</h1>\n");

  static Stream<Path> configurations() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(each -> each.toString().endsWith(".cfg")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void a_configuration_becomes_file_and_report_beside_it_and_what_is_lost_has_a_reason(Path file)
      throws IOException {
    Imported imported = (Imported) Imports.of(Files.readString(file), Map.of(), FILES);
    GeneratedText.require(beside(file, ".yaml"), imported.yaml());
    GeneratedText.require(beside(file, ".report"), imported.report());
    long lines =
        Files.readAllLines(file).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .count();
    assertThat(imported.lines())
        .hasSize((int) lines)
        .filteredOn(line -> line.verdict() == Verdict.UNSUPPORTED)
        .extracting(LineVerdict::text)
        .doesNotContain("");
  }

  private static Path beside(Path file, String ending) {
    return Path.of(file.toString().replace(".cfg", ending));
  }
}
