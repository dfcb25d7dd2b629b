package dev.understudy.command;

import dev.understudy.admin.AdminSettings;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.DynamicConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.Problem;
import dev.understudy.extension.Extensions;
import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.reload.OfflineRouteChecker;
import dev.understudy.reload.RouteTableFactory;
import dev.understudy.settings.StaticFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks dynamic files and static settings like a start, without opening a port. Routes may name
 * extensions of the directory that the static settings checked before have, or else the
 * environment.
 */
final class Validation {
  private static final String EXTENSIONS_VARIABLE = "UNDERSTUDY_EXTENSIONS";

  private static final int GOOD = 0;
  private static final int BAD = 1;

  private final Consumer<CheckedFile> report;
  private final boolean strict;
  private @Nullable Path extensions;

  /**
   * @param report gets each file once it is checked
   * @param strict whether warnings are problems
   */
  Validation(Consumer<CheckedFile> report, boolean strict) {
    this.report = report;
    this.strict = strict;
    String directory = System.getenv(EXTENSIONS_VARIABLE);
    extensions = directory == null || directory.isBlank() ? null : Path.of(directory);
  }

  /**
   * Checks a file of static settings.
   *
   * @return the exit status
   */
  int checkStatic(Path file) {
    StaticFile.Findings found = StaticFile.check(file, List.of(AdminSettings::require));
    if (found.extensions() != null) {
      extensions = found.extensions();
    }
    return report(checked(file, found.problems(), found.warnings(), null));
  }

  /**
   * Checks dynamic files.
   *
   * @return the exit status
   */
  int check(List<Path> files) {
    Extensions loaded;
    try {
      loaded = extensions == null ? null : Extensions.load(extensions);
    } catch (IllegalArgumentException e) {
      return report(bad(extensions, String.valueOf(e.getMessage())));
    }
    try (OfflineRouteChecker gateway = new OfflineRouteChecker(loaded)) {
      ConfigLoader loader = new ConfigLoader(gateway);
      int status = GOOD;
      for (Path file : files) {
        status = Math.max(status, report(checked(file, loader)));
      }
      return status;
    }
  }

  private int report(CheckedFile checked) {
    report.accept(checked);
    return checked.good() ? GOOD : BAD;
  }

  /** Reads the file once: it may be a pipe. */
  private CheckedFile checked(Path file, ConfigLoader loader) {
    try {
      byte[] content = ConfigLoader.content(file);
      return HaproxyImport.isHaproxy(new String(content, StandardCharsets.UTF_8))
          ? bad(file, "this is HAProxy's configuration: understudy import " + file)
          : checked(file, loader.load(file, content));
    } catch (IOException e) {
      return bad(file, ConfigLoader.unreadable(e));
    }
  }

  private static CheckedFile bad(Path file, String message) {
    return new CheckedFile(
        file.toString(), List.of(new Problem(file.toString(), 0, 0, "", null, message)));
  }

  private CheckedFile checked(Path file, LoadResult result) {
    return switch (result) {
      case LoadResult.Loaded loaded ->
          checked(file, List.of(), loaded.warnings(), contents(loaded.config()));
      case LoadResult.Rejected rejected -> new CheckedFile(file.toString(), rejected.problems());
    };
  }

  private CheckedFile checked(
      Path file,
      List<Problem> problems,
      List<Problem> warnings,
      CheckedFile.@Nullable Contents contents) {
    if (!strict || warnings.isEmpty()) {
      return new CheckedFile(file.toString(), problems, warnings, contents);
    }
    return new CheckedFile(
        file.toString(),
        Stream.concat(problems.stream(), warnings.stream()).sorted(Problem.BY_PLACE).toList());
  }

  /** Each route has its lane as it is unless a static setting leaves all routes to the Gateway. */
  private static CheckedFile.Contents contents(DynamicConfig config) {
    return new CheckedFile.Contents(
        config, RouteTableFactory.of().table(config.routes(), config.defaultFilters()).lanes());
  }
}
