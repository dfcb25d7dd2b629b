package dev.understudy.command;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.Problem;
import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Surroundings;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.reload.OfflineRouteChecker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Loads what an import made, as {@code validate} does. */
final class ImportedCheck implements AutoCloseable {
  private static final String NAME = "gateway.yaml";

  /** The most lines that are left out for their values. */
  private static final int MOST_LEFT_OUT = 100;

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

  /**
   * An import, and the problems of its dynamic file.
   *
   * @param problems of files that it names only, unless a problem comes from no line
   */
  record Loadable(Imported imported, List<Problem> problems) {}

  /**
   * Leaves out each line with a value that the dynamic file cannot hold, until the rest loads: such
   * a value costs its line, not the file.
   *
   * @param first the import of all lines
   */
  Loadable loadable(Imported first, String text, Surroundings surroundings) throws IOException {
    Map<Integer, String> leftOut = new TreeMap<>();
    Loadable made = new Loadable(first, unwritten(first));
    while (leftOut.size() < MOST_LEFT_OUT && addOrigins(made, leftOut)) {
      if (!(HaproxyImport.of(text, surroundings, leftOut) instanceof Imported next)) {
        return made;
      }
      made = new Loadable(next, unwritten(next));
    }
    return made;
  }

  /** Adds the lines that problems come from; returns whether each comes from one. */
  private static boolean addOrigins(Loadable made, Map<Integer, String> leftOut) {
    boolean found = false;
    for (Problem each : made.problems()) {
      LineVerdict origin =
          isOfNamedFile(each) ? null : origin(each, made.imported(), leftOut.keySet());
      if (origin != null) {
        String why = each.toString().replaceFirst("^\\S+:\\d+: ", "");
        found |= leftOut.putIfAbsent(origin.line(), why) == null;
      }
    }
    return found;
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
   *
   * @param leftOut the numbers of lines that it cannot be
   */
  static @Nullable LineVerdict origin(Problem problem, Imported imported, Set<Integer> leftOut) {
    List<String> lines = imported.yaml().lines().toList();
    for (int i = Math.min(problem.line(), lines.size()) - 1; i >= 0; i--) {
      String comment = lines.get(i).strip();
      for (LineVerdict each : imported.lines()) {
        if (comment.equals("# " + each.source()) && !leftOut.contains(each.line())) {
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
