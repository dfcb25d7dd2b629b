package dev.understudy.settings;

import dev.understudy.config.YamlErrorText;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reports at start-up the file of static settings that is not YAML, which Spring does not name. */
final class UnreadableStaticFileAnalyzer extends AbstractFailureAnalyzer<MarkedYAMLException> {
  /** Where Spring Boot looks by itself, in the working directory. */
  private static final List<String> FILES =
      List.of(
          "config/application.yaml",
          "config/application.yml",
          "application.yaml",
          "application.yml");

  @Override
  protected FailureAnalysis analyze(Throwable root, MarkedYAMLException cause) {
    return new FailureAnalysis(
        description(Path.of(""), cause),
        "Correct it, then check it with \"understudy validate --static FILE\".",
        cause);
  }

  /** Names the file, if it is one of those below the working directory, its line and the fault. */
  static String description(Path directory, MarkedYAMLException cause) {
    return FILES.stream()
        .map(directory::resolve)
        .filter(Files::isReadable)
        .flatMap(UnreadableStaticFileAnalyzer::problem)
        .findFirst()
        .orElseGet(() -> YamlErrorText.problem("a file of static settings", "", cause).toString());
  }

  private static Stream<String> problem(Path file) {
    String text = text(file);
    if (text == null) {
      return Stream.empty();
    }
    try {
      new Yaml().parse(new StringReader(text)).forEach(event -> {});
      return Stream.empty();
    } catch (MarkedYAMLException e) {
      return Stream.of(YamlErrorText.problem(file.toString(), text, e).toString());
    }
  }

  private static @Nullable String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return null;
    }
  }
}
