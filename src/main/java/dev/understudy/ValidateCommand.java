package dev.understudy;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.GatewayConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import dev.understudy.proxy.gateway.OfflineRouteTrial;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a dynamic file as the proxy would, without opening a port. */
@Command(
    name = "validate",
    description = "Checks a dynamic file; exit 0, or 1 and every problem.",
    customSynopsis = "java -jar understudy.jar validate FILE",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ValidateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The file to check.")
  private Path file;

  @Override
  public Integer call() {
    try (OfflineRouteTrial gateway = OfflineRouteTrial.open()) {
      // SSL bundles are static settings, which may be others where the file is to be used.
      RouteChecker checker = new TrialRouteChecker(gateway.trial(), null);
      return switch (new ConfigLoader(checker).load(file)) {
        case LoadResult.Loaded loaded -> good(loaded.config());
        case LoadResult.Rejected rejected -> bad(rejected);
      };
    }
  }

  private int good(GatewayConfig config) {
    int servers = config.pools().stream().mapToInt(pool -> pool.servers().size()).sum();
    spec.commandLine()
        .getOut()
        .printf(
            "%s: good: %d pools, %d servers, %d routes%n",
            file, config.pools().size(), servers, config.routes().size());
    return ExitCode.OK;
  }

  private int bad(LoadResult.Rejected rejected) {
    rejected.problems().forEach(spec.commandLine().getErr()::println);
    return 1;
  }
}
