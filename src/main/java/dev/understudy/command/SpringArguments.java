package dev.understudy.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Arguments that are Spring Boot's, {@code --property=value}, and nothing else. */
final class SpringArguments {
  private SpringArguments() {}

  /**
   * Returns them as they are.
   *
   * @throws UnmatchedArgumentException if one has another form: a misspelt command, most likely
   */
  static String[] require(CommandSpec spec, List<String> arguments) {
    List<String> others =
        arguments.stream().filter(argument -> !argument.matches("--[^=]+=.*|--debug")).toList();
    if (!others.isEmpty()) {
      throw new UnmatchedArgumentException(spec.commandLine(), others);
    }
    return arguments.toArray(String[]::new);
  }
}
