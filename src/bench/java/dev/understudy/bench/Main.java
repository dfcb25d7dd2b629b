package dev.understudy.bench;

import dev.understudy.bench.failure.FailuresCommand;
import dev.understudy.bench.soak.SoakCommand;
import dev.understudy.bench.tunnel.TunnelsCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The benchmarks' command line. */
@Command(
    name = "src/bench/run",
    description = "Measures Understudy beside HAProxy, nginx and a plain Spring Cloud Gateway.",
    mixinStandardHelpOptions = true,
    subcommands = {FailuresCommand.class, SoakCommand.class, TunnelsCommand.class})
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).setUsageHelpAutoWidth(true).execute(args));
  }
}
