package dev.understudy.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Unmatched;
import picocli.CommandLine.UnmatchedArgumentException;

/** A command that starts the proxy with static settings from its arguments. */
abstract class ProxyCommand extends ProgramCommand {
  @Unmatched private final List<String> arguments = new ArrayList<>();

  private final Supplier<ProxyStarter> proxy;

  ProxyCommand(Supplier<ProxyStarter> proxy) {
    this.proxy = proxy;
  }

  final ProxyStarter proxy() {
    return proxy.get();
  }

  /** The arguments that are no command or option of its own. */
  final List<String> arguments() {
    return arguments;
  }

  /**
   * The arguments, all of which are Spring Boot's: {@code --property=value} and {@code --debug}.
   *
   * @throws UnmatchedArgumentException if one has another form, such as a misspelt command
   */
  final String[] settings() {
    List<String> others =
        arguments.stream().filter(argument -> !argument.matches("--[^=]+=.*|--debug")).toList();
    if (!others.isEmpty()) {
      throw new UnmatchedArgumentException(spec().commandLine(), others);
    }
    return arguments.toArray(String[]::new);
  }

  @Override
  public Integer call() throws IOException {
    String[] settings = settings();
    return proxy().serve(settings);
  }
}
