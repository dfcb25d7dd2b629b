package dev.understudy.bench;

import dev.understudy.bench.agreement.AgreementCommand;
import dev.understudy.bench.cluster.ClusterCommand;
import dev.understudy.bench.command.CommandsCommand;
import dev.understudy.bench.failure.FailuresCommand;
import dev.understudy.bench.faults.FaultsCommand;
import dev.understudy.bench.fuzz.FuzzCommand;
import dev.understudy.bench.growth.GrowthCommand;
import dev.understudy.bench.jmh.JmhCommand;
import dev.understudy.bench.network.NetworksCommand;
import dev.understudy.bench.peak.PeakCommand;
import dev.understudy.bench.relay.TcpCommand;
import dev.understudy.bench.request.RequestsCommand;
import dev.understudy.bench.results.ResultsCommand;
import dev.understudy.bench.soak.SoakCommand;
import dev.understudy.bench.startup.StartupCommand;
import dev.understudy.bench.starved.StarvedCommand;
import dev.understudy.bench.tunnel.TunnelsCommand;
import dev.understudy.scenario.Binaries;
import dev.understudy.scenario.CpuGroup;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The benchmarks' command line. */
@Command(
    name = "src/bench/run",
    description = "Measures Understudy beside HAProxy, nginx and a plain Spring Cloud Gateway.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RequestsCommand.class,
      StartupCommand.class,
      CommandsCommand.class,
      PeakCommand.class,
      GrowthCommand.class,
      FailuresCommand.class,
      StarvedCommand.class,
      AgreementCommand.class,
      SoakCommand.class,
      FaultsCommand.class,
      FuzzCommand.class,
      TunnelsCommand.class,
      TcpCommand.class,
      ClusterCommand.class,
      NetworksCommand.class,
      JmhCommand.class,
      ResultsCommand.class,
      AllCommand.class
    },
    footer = {
      "",
      "--no-build as the first argument takes the jar and the classes that are there.",
      "Needs a JDK 25 and Debian's haproxy and nginx (nginx-light is enough); as root with"
          + " mmdebstrap it also measures those of Debian's newest suite."
    })
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Main())
            .setUsageHelpAutoWidth(true)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler((e, line, parsed) -> failed(e))
            .execute(args));
  }

  private static int failed(Exception e) {
    if (e instanceof Packages.MissingException
        || e instanceof Binaries.MissingException
        || e instanceof CpuGroup.MissingException) {
      System.err.println("src/bench/run: " + e.getMessage());
    } else {
      e.printStackTrace();
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
