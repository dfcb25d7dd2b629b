package dev.understudy.command;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.GatewayConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.Problem;
import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.reload.ExpressRouteChecker;
import dev.understudy.reload.OfflineRouteChecker;
import dev.understudy.reload.RouteTables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks dynamic files like the running proxy, without opening a port. */
@Command(
    name = ValidateCommand.NAME,
    description = "Checks dynamic files; exit 0, or 1 and every problem. Warnings do not count.",
    customSynopsis = "understudy validate [--strict] FILE...",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ValidateCommand implements Callable<Integer> {
  static final String NAME = "validate";

  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "The files to check.")
  private List<Path> files;

  @Option(names = "--strict", description = "Takes warnings for problems.")
  private boolean strict;

  @Override
  public Integer call() {
    try (OfflineRouteChecker gateway = new OfflineRouteChecker()) {
      ConfigLoader loader = new ConfigLoader(new ExpressRouteChecker(gateway));
      int status = ExitCode.OK;
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
    spec.commandLine()
        .getErr()
        .println(file + ": this is HAProxy's configuration: understudy import " + file);
    return 1;
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
    warnings.forEach(warning -> spec.commandLine().getErr().println(warning.asWarning()));
    int servers = config.pools().stream().mapToInt(pool -> pool.servers().size()).sum();
    spec.commandLine()
        .getOut()
        .printf(
            "%s: good (pools: %d, servers: %d, routes: %d%s)%n",
            file,
            config.pools().size(),
            servers,
            config.routes().size(),
            config.listeners().isEmpty() ? "" : ", listeners: " + config.listeners().size());
    printLanes(RouteTables.of().table(config.routes(), config.defaultFilters()).lanes());
    return ExitCode.OK;
  }

  /**
   * Prints each route's lane, as it is unless a static setting leaves all routes to the Gateway.
   */
  private void printLanes(List<RouteLane> lanes) {
    int width = lanes.stream().mapToInt(lane -> lane.id().length()).max().orElse(0);
    for (RouteLane lane : lanes) {
      String id = lane.id() + " ".repeat(width - lane.id().length());
      spec.commandLine().getOut().printf("  %s  %s  %s%n", id, lane.name(), lane.why());
    }
  }

  private int bad(List<Problem> problems) {
    problems.forEach(spec.commandLine().getErr()::println);
    return 1;
  }
}
