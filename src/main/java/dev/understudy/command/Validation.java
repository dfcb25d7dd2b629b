package dev.understudy.command;

import dev.understudy.admin.AdminSettings;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.GatewayConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.Problem;
import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.reload.ExpressRouteChecker;
import dev.understudy.reload.OfflineRouteChecker;
import dev.understudy.reload.RouteTables;
import dev.understudy.settings.StaticFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Checks dynamic files and static settings like a start, without opening a port. */
final class Validation {
  private static final int GOOD = 0;
  private static final int BAD = 1;

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean strict;

  /**
   * @param strict whether warnings are problems
   */
  Validation(PrintWriter out, PrintWriter err, boolean strict) {
    this.out = out;
    this.err = err;
    this.strict = strict;
  }

  /**
   * Checks a file of static settings.
   *
   * @return the exit status
   */
  int checkStatic(Path file) {
    List<String> problems = StaticFile.problems(file, List.of(AdminSettings::require));
    if (problems.isEmpty()) {
      out.println(file + ": good (static settings)");
    } else {
      problems.forEach(err::println);
    }
    return problems.isEmpty() ? GOOD : BAD;
  }

  /**
   * Checks dynamic files.
   *
   * @return the exit status
   */
  int check(List<Path> files) {
    try (OfflineRouteChecker gateway = new OfflineRouteChecker()) {
      ConfigLoader loader = new ConfigLoader(new ExpressRouteChecker(gateway));
      int status = GOOD;
      for (Path file : files) {
        status = Math.max(status, isHaproxy(file) ? notOurs(file) : check(file, loader.load(file)));
      }
      return status;
    }
  }

  private static boolean isHaproxy(Path file) {
    try {
      return HaproxyImport.isHaproxy(
          new String(ConfigLoader.content(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return false;
    }
  }

  private int notOurs(Path file) {
    err.println(file + ": this is HAProxy's configuration: understudy import " + file);
    return BAD;
  }

  private int check(Path file, LoadResult result) {
    return switch (result) {
      case LoadResult.Loaded loaded -> {
        List<Problem> warnings = loaded.warnings();
        yield strict && !warnings.isEmpty() ? bad(warnings) : good(file, loaded.config(), warnings);
      }
      case LoadResult.Rejected rejected -> bad(rejected.problems());
    };
  }

  private int good(Path file, GatewayConfig config, List<Problem> warnings) {
    warnings.forEach(warning -> err.println(warning.asWarning()));
    int servers = config.pools().stream().mapToInt(pool -> pool.servers().size()).sum();
    out.println(
        file
            + ": good (pools: "
            + config.pools().size()
            + ", servers: "
            + servers
            + ", routes: "
            + config.routes().size()
            + (config.listeners().isEmpty() ? "" : ", listeners: " + config.listeners().size())
            + ")");
    printLanes(RouteTables.of().table(config.routes(), config.defaultFilters()).lanes());
    return GOOD;
  }

  /**
   * Prints each route's lane, as it is unless a static setting leaves all routes to the Gateway.
   */
  private void printLanes(List<RouteLane> lanes) {
    int width = lanes.stream().mapToInt(lane -> lane.id().length()).max().orElse(0);
    for (RouteLane lane : lanes) {
      String id = lane.id() + " ".repeat(width - lane.id().length());
      out.println("  " + id + "  " + lane.name() + "  " + lane.why());
    }
  }

  private int bad(List<Problem> problems) {
    problems.forEach(err::println);
    return BAD;
  }
}
