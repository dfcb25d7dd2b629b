package dev.understudy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** The program's command line; without a command it serves. */
@Command(
    name = "understudy",
    description = "A health-checking reverse proxy for components that run as master and backup.",
    customSynopsis = {
      "java -jar understudy.jar [serve] [--PROPERTY=VALUE ...]",
      "       java -jar understudy.jar validate [--strict] FILE...",
      "       java -jar understudy.jar demo [--PROPERTY=VALUE ...]"
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {ServeCommand.class, ValidateCommand.class, DemoCommand.class},
    footer = {
      "",
      "Static settings are Spring Boot's: config/application.yaml, the environment, arguments.",
      "The dynamic file is config/gateway.yaml, or the one that --understudy.config names."
    })
public final class Understudy implements Callable<Integer> {
  /** The exit status that stands for "still running". */
  static final int RUNNING = -1;

  @Spec private CommandSpec spec;

  @Unmatched private final List<String> arguments = new ArrayList<>();

  private Understudy() {}

  public static void main(String[] args) {
    int status =
        Serving.isMeantBy(args) ? serve(Serving.settings(args)) : commandLine().execute(args);
    if (status != RUNNING) {
      System.exit(status);
    }
  }

  private static int serve(String[] settings) {
    try {
      return Serving.serve(settings);
    } catch (RuntimeException e) {
      return failed(e);
    }
  }

  static CommandLine commandLine() {
    CommandLine program =
        new CommandLine(new Understudy())
            .setUsageHelpAutoWidth(true)
            .setExecutionExceptionHandler((e, line, parsed) -> failed(e));
    // It takes no settings, but inherits from this command that any argument will do.
    Objects.requireNonNull(program.getSubcommands().get(ValidateCommand.NAME))
        .setUnmatchedArgumentsAllowed(false);
    return program;
  }

  @Override
  public Integer call() {
    return Serving.serve(SpringArguments.require(spec, arguments));
  }

  /** Spring Boot has reported what failed at start-up; anything else is said here. */
  private static int failed(Exception e) {
    if (!(e instanceof StartFailedException)) {
      System.err.println("understudy: " + e);
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
