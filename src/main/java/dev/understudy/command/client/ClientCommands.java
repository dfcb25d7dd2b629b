package dev.understudy.command.client;

import dev.understudy.text.Printable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands of this package: their names, their command lines, and how they fail. */
public final class ClientCommands {
  private static final List<String> NAMES =
      List.of(
          "status",
          "top",
          "events",
          "routes",
          "diagnose",
          "switch",
          "hook",
          "drain",
          "maintenance",
          "ready",
          "notify",
          "upgrade",
          "compare");

  private ClientCommands() {}

  /** Options that commands share, which may stand before the command's name; each has a value. */
  private static final List<String> SHARED =
      List.of("--server", "--token-file", "--ca-file", "--reason", "--output", "-o");

  /**
   * Whether the first argument is the name of a command of this package, but for options that such
   * commands share.
   */
  public static boolean accept(String[] arguments) {
    int at = firstBehindOptions(arguments);
    return at < arguments.length && NAMES.contains(arguments[at]);
  }

  /** The index of the first argument that is neither a shared option nor the value of one. */
  private static int firstBehindOptions(String[] arguments) {
    int at = 0;
    while (at < arguments.length) {
      String argument = arguments[at];
      if (SHARED.contains(argument)) {
        at += 2;
      } else if (SHARED.stream().anyMatch(option -> isWithValue(argument, option))) {
        at++;
      } else {
        return at;
      }
    }
    return at;
  }

  /** Whether an option has its value in the same argument: {@code -o=json} or {@code -ojson}. */
  private static boolean isWithValue(String argument, String option) {
    return argument.startsWith(option + "=")
        || (!option.startsWith("--") && argument.startsWith(option));
  }

  /** The arguments with the command's name first, before the options that stand before it. */
  static String[] nameFirst(String[] arguments) {
    int at = firstBehindOptions(arguments);
    List<String> sorted = new ArrayList<>(List.of(arguments));
    sorted.addFirst(sorted.remove(at));
    return sorted.toArray(String[]::new);
  }

  /**
   * Runs the command that {@linkplain #accept accepted} arguments name, without loading any other.
   *
   * @return the exit status
   */
  public static int execute(String[] accepted) {
    String[] arguments = nameFirst(accepted);
    CommandLine program = new CommandLine(new Program());
    add(program, arguments[0]);
    handleFailures(program);
    // In UTF-8 whatever the locale, as the API's documents are.
    return program
        .setOut(writer(FileDescriptor.out))
        .setErr(writer(FileDescriptor.err))
        .execute(arguments);
  }

  private static PrintWriter writer(FileDescriptor to) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(to), StandardCharsets.UTF_8), true);
  }

  /** Adds all commands of this package. */
  public static void addTo(CommandLine program) {
    NAMES.forEach(name -> add(program, name));
    handleFailures(program);
  }

  /** Handles failures of these commands here, and leaves others to the program's handlers. */
  private static void handleFailures(CommandLine program) {
    IParameterExceptionHandler otherArguments = program.getParameterExceptionHandler();
    program.setParameterExceptionHandler(
        (e, arguments) ->
            isOurs(e.getCommandLine())
                ? wrongArguments(e)
                : otherArguments.handleParseException(e, arguments));
    IExecutionExceptionHandler others = program.getExecutionExceptionHandler();
    program.setExecutionExceptionHandler(
        (e, line, parsed) ->
            isOurs(line) ? failed(e, line) : others.handleExecutionException(e, line, parsed));
  }

  private static boolean isOurs(CommandLine line) {
    return NAMES.contains(line.getCommandName());
  }

  private static void add(CommandLine program, String name) {
    CommandLine command = new CommandLine(command(name));
    command
        .getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this help.")
                .build());
    program.addSubcommand(command);
    command.setUsageHelpAutoWidth(true).setUnmatchedArgumentsAllowed(false);
  }

  private static Object command(String name) {
    return switch (name) {
      case "status" -> new StatusCommand();
      case "hook" -> new HookPreviewCommand();
      case "top" -> new TopCommand();
      case "events" -> new EventsCommand();
      case "routes" -> new RoutesCommand();
      case "diagnose" -> new DiagnoseCommand();
      case "switch" -> new SwitchCommand();
      case "drain" -> new ServerStateCommand.Drain();
      case "maintenance" -> new ServerStateCommand.Maintenance();
      case "ready" -> new ServerStateCommand.Ready();
      case "notify" -> new NotifyCommand();
      case "upgrade" -> new UpgradeCommand();
      case "compare" -> new CompareCommand();
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static int wrongArguments(ParameterException e) {
    CommandLine line = e.getCommandLine();
    line.getErr().println("understudy: " + Printable.escaped(String.valueOf(e.getMessage())));
    if (!UnmatchedArgumentException.printSuggestions(e, line.getErr())) {
      line.getErr().println("Try 'understudy " + line.getCommandName() + " --help'.");
    }
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** A command whose own statuses leave no room, {@code status}, fails with one for all. */
  private static int failed(Exception e, CommandLine line) {
    ClientFailure failure =
        e instanceof ClientFailure known ? known : ClientFailure.failed(e.toString());
    line.getErr().println("understudy: " + failure.line());
    int invalid = line.getCommandSpec().exitCodeOnInvalidInput();
    return invalid == ExitCode.USAGE ? failure.status() : invalid;
  }

  /** The program's name, for the usage of one command. */
  @Command(name = "understudy")
  private static final class Program {}
}
