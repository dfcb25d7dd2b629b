package dev.understudy.command;

import dev.understudy.command.client.ClientCommands;
import dev.understudy.text.BuildVersion;
import dev.understudy.text.Suggestions;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;

/** The program's command line; without a command it runs {@code serve}. */
@Command(
    name = "understudy",
    description = "A health-checking reverse proxy for components that run as master and backup.",
    customSynopsis = {
      "understudy [serve] [--PROPERTY=VALUE ...]",
      "       understudy COMMAND [OPTIONS] [ARGUMENTS]"
    },
    footer = {
      "",
      "If no package is installed, write java -jar understudy.jar instead of understudy.",
      "The commands from status to notify connect to the management port of a running replica.",
      "Static settings come from config/application.yaml, the environment and arguments.",
      "The dynamic file is config/gateway.yaml, or the one that --understudy.config names."
    })
public final class UnderstudyCommand extends ProxyCommand {
  private UnderstudyCommand(Supplier<ProxyStarter> proxy) {
    super(proxy);
  }

  /**
   * Creates the command line.
   *
   * @param proxy called if a command starts it
   */
  public static CommandLine commandLine(Supplier<ProxyStarter> proxy) {
    CommandLine program = program(proxy);
    program.addSubcommand(new ServeCommand(proxy));
    add(program, new ValidateCommand());
    program.addSubcommand(new DemoCommand(proxy));
    ClientCommands.addTo(program);
    add(program, new ImportCommand());
    add(program, new CompletionCommand());
    add(program, new ManualCommand());
    add(program, new HelpCommand());
    add(program, new VersionCommand());
    return program.setUsageHelpAutoWidth(true);
  }

  private static CommandLine program(Supplier<ProxyStarter> proxy) {
    UnderstudyCommand root = new UnderstudyCommand(proxy);
    IExecutionStrategy last = new CommandLine.RunLast();
    return new CommandLine(root)
        .setExecutionStrategy(parsed -> last.execute(root.requireCommandFirst(parsed)))
        .setExecutionExceptionHandler((e, line, parsed) -> StartFailedException.report(e));
  }

  /** Refuses what stands before a command: it would have no effect. */
  private ParseResult requireCommandFirst(ParseResult parsed) {
    if (parsed.hasSubcommand() && !arguments().isEmpty()) {
      throw new ParameterException(
          spec().commandLine(),
          "Expected the command first, found '"
              + arguments().getFirst()
              + "' before '"
              + parsed.subcommand().commandSpec().name()
              + "'");
    }
    return parsed;
  }

  /** Adds a command that takes no settings, but inherits that any argument is accepted. */
  private static void add(CommandLine program, Object command) {
    CommandLine line = new CommandLine(command);
    program.addSubcommand(line);
    line.setUsageHelpAutoWidth(true).setUnmatchedArgumentsAllowed(false);
  }

  /** Runs the proxy. */
  @Command(
      name = "serve",
      description = "Runs the proxy; the default.",
      customSynopsis = "understudy serve [--PROPERTY=VALUE ...]")
  private static final class ServeCommand extends ProxyCommand {
    private ServeCommand(Supplier<ProxyStarter> proxy) {
      super(proxy);
    }
  }

  /** Prints the completion of the command line for a shell. */
  @Command(
      name = "completion",
      description = {
        "Prints completion for a shell. To load it: source <(understudy completion bash).",
        "For zsh, write it to a file _understudy in a folder of fpath."
      })
  private static final class CompletionCommand extends ProgramCommand {
    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private CompletionScript shell;

    @Override
    public Integer call() {
      return print(shell.text(spec().root().commandLine()));
    }
  }

  /** Prints the usage of the program or of a command. */
  @Command(name = "help", description = "Shows this help, or that of a command.")
  private static final class HelpCommand extends ProgramCommand {
    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "The command.")
    private @Nullable String command;

    @Override
    public Integer call() {
      CommandLine program = spec().root().commandLine();
      Map<String, CommandLine> commands = program.getSubcommands();
      CommandLine shown = command == null ? program : commands.get(command);
      if (shown == null) {
        throw new ParameterException(
            spec().commandLine(),
            Suggestions.asked(
                "There is no command '" + command + "'",
                String.valueOf(command),
                commands.keySet()));
      }
      return print(shown.getUsageMessage());
    }
  }

  /** Prints the version. */
  @Command(name = "version", description = "Prints the version.")
  private static final class VersionCommand extends ProgramCommand {
    @Override
    public Integer call() {
      return print(BuildVersion.program() + System.lineSeparator());
    }
  }

  /** Prints the manual page. */
  @Command(
      name = "manual",
      description = "Prints the manual page, for man: understudy manual | man -l -")
  private static final class ManualCommand extends ProgramCommand {
    @Override
    public Integer call() {
      return print(ManualPage.of(spec().root()));
    }
  }
}
