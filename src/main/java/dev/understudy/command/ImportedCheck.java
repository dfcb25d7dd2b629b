package dev.understudy.command;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.Problem;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.reload.ExpressRouteChecker;
import dev.understudy.reload.OfflineRouteChecker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Loads what an import made, as {@code validate} does. */
final class ImportedCheck {
  private static final String NAME = "gateway.yaml";

  private ImportedCheck() {}

  /**
   * The problems of a dynamic file.
   *
   * @param output where it was written; null: nowhere
   */
  static List<Problem> problems(@Nullable Path output, Imported imported) throws IOException {
    try (OfflineRouteChecker gateway = new OfflineRouteChecker()) {
      ConfigLoader loader = new ConfigLoader(new ExpressRouteChecker(gateway));
      return output == null ? unwritten(loader, imported) : problems(loader.load(output));
    }
  }

  /** Loads it in a directory of its own, with the files that it names beside it. */
  private static List<Problem> unwritten(ConfigLoader loader, Imported imported)
      throws IOException {
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
