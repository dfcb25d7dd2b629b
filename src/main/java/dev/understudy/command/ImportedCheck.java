package dev.understudy.command;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.Problem;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.reload.OfflineRouteChecker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Loads what an import made, as {@code validate} does. */
final class ImportedCheck implements AutoCloseable {
  private static final String NAME = "gateway.yaml";

  private final OfflineRouteChecker gateway = new OfflineRouteChecker();
  private final ConfigLoader loader = new ConfigLoader(gateway);

  /**
   * Loads it in a directory of its own, with the files that it names beside it.
   *
   * @return the problems, of a file {@value #NAME}
   */
  List<Problem> unwritten(Imported imported) throws IOException {
    Path folder = Files.createTempDirectory("understudy-import");
    try {
      for (var extra : imported.extraFiles().entrySet()) {
        Files.writeString(folder.resolve(extra.getKey()), extra.getValue());
      }
      byte[] content = imported.yaml().getBytes(StandardCharsets.UTF_8);
      return problems(loader.load(folder.resolve(NAME), content)).stream()
          .map(ImportedCheck::named)
          .toList();
    } finally {
      for (String extra : imported.extraFiles().keySet()) {
        Files.deleteIfExists(folder.resolve(extra));
      }
      Files.deleteIfExists(folder);
    }
  }

  /** The problems of a dynamic file that was written. */
  List<Problem> written(Path output) {
    return problems(loader.load(output));
  }

  /**
   * Whether a problem is one of a file that the configuration names, such as a certificate, which
   * need not be on this machine.
   */
  static boolean isOfNamedFile(Problem problem) {
    return problem.property().contains(".tls.") || problem.expected().contains(" file");
  }

  /**
   * The line that a problem comes from: the nearest one above it in the dynamic file's comments.
   */
  static @Nullable LineVerdict origin(Problem problem, Imported imported) {
    List<String> lines = imported.yaml().lines().toList();
    for (int i = Math.min(problem.line(), lines.size()) - 1; i >= 0; i--) {
      String comment = lines.get(i).strip();
      for (LineVerdict each : imported.lines()) {
        if (comment.equals("# " + each.source())) {
          return each;
        }
      }
    }
    return null;
  }

  @Override
  public void close() {
    gateway.close();
  }

  /** The problem without the directory, which is gone. */
  private static Problem named(Problem of) {
    return new Problem(NAME, of.line(), of.column(), of.property(), of.value(), of.expected());
  }

  private static List<Problem> problems(LoadResult result) {
    return switch (result) {
      case LoadResult.Loaded loaded -> List.of();
      case LoadResult.Rejected rejected -> rejected.problems();
    };
  }
}
