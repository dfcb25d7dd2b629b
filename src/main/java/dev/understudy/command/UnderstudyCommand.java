package dev.understudy.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** The program's command line; without a command it runs {@code serve}. */
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
    footer = {
      "",
      "Static settings are Spring Boot's: config/application.yaml, the environment, arguments.",
      "The dynamic file is config/gateway.yaml, or the one that --understudy.config names."
    })
public final class UnderstudyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Unmatched private final List<String> arguments = new ArrayList<>();

  private final Proxy proxy;

  private UnderstudyCommand(Proxy proxy) {
    this.proxy = proxy;
  }

  /** Creates the command line with all commands. */
  public static CommandLine commandLine(Proxy proxy) {
    CommandLine program =
        new CommandLine(new UnderstudyCommand(proxy))
            .addSubcommand(new ServeCommand(proxy))
            .addSubcommand(new ValidateCommand())
            .addSubcommand(new DemoCommand(proxy))
            .setUsageHelpAutoWidth(true)
            .setExecutionExceptionHandler((e, line, parsed) -> StartFailedException.report(e));
    // Validate takes no settings, but inherits from this command that any argument is accepted.
    Objects.requireNonNull(program.getSubcommands().get(ValidateCommand.NAME))
        .setUnmatchedArgumentsAllowed(false);
    return program;
  }

  @Override
  public Integer call() {
    return proxy.serve(SpringArguments.require(spec, arguments));
  }
}
