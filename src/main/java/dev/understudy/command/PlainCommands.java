package dev.understudy.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands whose arguments need no parsing: {@code validate FILE...} and {@code import FILE [-o
 * FILE]}. The command-line library would be half of what they load.
 */
public final class PlainCommands {
  private PlainCommands() {}

  /** Whether the arguments are of that form. */
  public static boolean accept(String[] arguments) {
    return switch (arguments.length == 0 ? "" : arguments[0]) {
      case ValidateCommand.NAME -> arguments.length > 1 && areNames(arguments);
      case ImportCommand.NAME -> imported(arguments) != null;
      default -> false;
    };
  }

  /**
   * Runs the command.
   *
   * @return the exit status
   */
  public static int execute(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
    PrintWriter errors = new PrintWriter(System.err, true, System.err.charset());
    try {
      List<Path> imported = imported(arguments);
      return imported == null
          ? new Validation(file -> file.print(out, errors), false)
              .check(Arrays.stream(arguments).skip(1).map(Path::of).toList())
          : new ImportRun(
                  out,
                  errors,
                  imported.getFirst(),
                  imported.size() > 1 ? imported.get(1) : null,
                  null)
              .run();
    } catch (IOException | RuntimeException e) {
      return StartFailedException.report(e);
    }
  }

  /** The file to import and, if it is named, the one to write; null if it is another command. */
  private static @Nullable List<Path> imported(String[] arguments) {
    if (!arguments[0].equals(ImportCommand.NAME)) {
      return null;
    }
    return switch (arguments.length) {
      case 2 -> areNames(arguments) ? List.of(Path.of(arguments[1])) : null;
      case 4 ->
          arguments[2].equals("-o") && areNames(arguments[1], arguments[3])
              ? List.of(Path.of(arguments[1]), Path.of(arguments[3]))
              : null;
      default -> null;
    };
  }

  /** Whether no argument is an option, or the name of a file with more arguments. */
  private static boolean areNames(String... arguments) {
    return Arrays.stream(arguments)
        .noneMatch(each -> each.isEmpty() || "-@".indexOf(each.charAt(0)) >= 0);
  }
}
