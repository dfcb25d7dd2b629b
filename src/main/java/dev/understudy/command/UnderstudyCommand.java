package dev.understudy.command;

import dev.understudy.command.client.ClientCommands;
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
      "understudy [serve] [--PROPERTY=VALUE ...]",
      "       understudy COMMAND [OPTIONS] [ARGUMENTS]"
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Without a package installed, understudy stands for java -jar understudy.jar.",
      "The commands from status to ready are clients of a running replica's management port.",
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
    // It takes no settings, but inherits from this command that any argument is accepted.
    Objects.requireNonNull(program.getSubcommands().get(ValidateCommand.NAME))
        .setUnmatchedArgumentsAllowed(false);
    ClientCommands.addTo(program);
    add(program, new ImportCommand());
    add(program, new CompletionCommand());
    add(program, new ManualCommand());
    return program;
  }

  /** Adds a command that takes no settings, but inherits that any argument is accepted. */
  private static void add(CommandLine program, Object command) {
    CommandLine line = new CommandLine(command);
    program.addSubcommand(line);
    line.setUsageHelpAutoWidth(true).setUnmatchedArgumentsAllowed(false);
  }

  @Override
  public Integer call() {
    return proxy.serve(SpringArguments.require(spec, arguments));
  }
}
