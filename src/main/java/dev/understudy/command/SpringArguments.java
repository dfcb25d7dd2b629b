package dev.understudy.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Accepts only Spring Boot's arguments: {@code --property=value} and {@code --debug}. */
final class SpringArguments {
  private SpringArguments() {}

  /**
   * Returns the arguments unchanged.
   *
   * @throws UnmatchedArgumentException if one has another form, such as a misspelt command
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
