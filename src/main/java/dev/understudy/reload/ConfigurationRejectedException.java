package dev.understudy.reload;

import dev.understudy.config.Problem;
import java.nio.file.Path;
import java.util.List;

/** Signals at start-up that the dynamic file cannot be used, and no earlier one is in force. */
public final class ConfigurationRejectedException extends RuntimeException {
  private final Path file;
  private final List<String> problems;

  ConfigurationRejectedException(Path file, List<String> problems) {
    super(file + ": " + String.join("; ", problems));
    this.file = file;
    this.problems = List.copyOf(problems);
  }

  static List<String> lines(List<Problem> problems) {
    return problems.stream().map(Problem::toString).toList();
  }

  Path file() {
    return file;
  }

  public List<String> problems() {
    return problems;
  }
}
