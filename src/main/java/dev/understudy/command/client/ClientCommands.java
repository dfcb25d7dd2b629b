package dev.understudy.command.client;

import dev.understudy.text.Printable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
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
  static final String EXIT_STATUS = "%nExit status:%n";
  static final String DONE = "0:Done.";
  static final String REFUSED = "1:The replica refused the request, or could not carry it out.";
  static final String USAGE = "2:Wrong arguments.";
  static final String UNREACHABLE =
      "3:No usable response: the replica is not reachable, or this is not its management port.";

  private static final List<String> NAMES =
      List.of(
          "status",
          "top",
          "events",
          "routes",
          "diagnose",
          "switch",
          "drain",
          "maintenance",
          "ready");

  private ClientCommands() {}

  /** Whether the first argument is the name of a command of this package. */
  public static boolean accept(String[] arguments) {
    return arguments.length > 0 && NAMES.contains(arguments[0]);
  }

  /**
   * Runs the command that the first argument names, without loading any other.
   *
   * @return the exit status
   */
  public static int execute(String[] arguments) {
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
      case "top" -> new TopCommand();
      case "events" -> new EventsCommand();
      case "routes" -> new RoutesCommand();
      case "diagnose" -> new DiagnoseCommand();
      case "switch" -> new SwitchCommand();
      case "drain" -> new DrainCommand();
      case "maintenance" -> new MaintenanceCommand();
      case "ready" -> new ReadyCommand();
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
        e instanceof ClientFailure known ? known : ClientFailure.refused(e.toString());
    line.getErr().println("understudy: " + failure.line());
    int invalid = line.getCommandSpec().exitCodeOnInvalidInput();
    return invalid == ExitCode.USAGE ? failure.status() : invalid;
  }

  /** The program's name, for the usage of one command. */
  @Command(name = "understudy")
  private static final class Program {}
}
