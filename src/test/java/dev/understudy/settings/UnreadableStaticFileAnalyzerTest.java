package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ByteArrayResource;
import org.yaml.snakeyaml.error.MarkedYAMLException;

class UnreadableStaticFileAnalyzerTest {
  private static final String TAB = "server:\n\tport: 1\n";
  private static final String FAULT = ":2: not YAML: a tab: expected spaces, also for indentation";

  @TempDir private Path folder;

  /** As Spring Boot fails, without the name of a file. */
  private static MarkedYAMLException failure() {
    return catchThrowableOfType(
        MarkedYAMLException.class,
        () ->
            new YamlPropertySourceLoader()
                .load("a", new ByteArrayResource(TAB.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void the_file_and_its_line_are_named() throws IOException {
    Files.writeString(folder.resolve("application.yaml"), "server:\n  port: 1\n");
    Path bad = Files.createDirectory(folder.resolve("config")).resolve("application.yml");
    Files.writeString(bad, TAB);
    assertThat(UnreadableStaticFileAnalyzer.description(folder, failure())).isEqualTo(bad + FAULT);
  }

  @Test
  void a_file_elsewhere_has_its_line_named() {
    assertThat(UnreadableStaticFileAnalyzer.description(folder, failure()))
        .isEqualTo("a file of static settings" + FAULT);
  }
}
