package dev.understudy;

import dev.understudy.command.Proxy;
import dev.understudy.command.StartFailedException;
import dev.understudy.command.UnderstudyCommand;
import dev.understudy.command.client.ClientCommands;
import java.util.Arrays;

/**
 * Starts the proxy, or the command that the arguments name, and loads no more than that needs.
 *
 * <p>The command-line library is not loaded if the arguments are only {@code serve} and settings:
 * an AOT cache holds none of its classes, and it costs about 80 ms of CPU. Spring is not loaded for
 * the operator's commands, which are clients of a running replica.
 */
public final class Launcher {
  private static final String COMMAND = "serve";

  private Launcher() {}

  public static void main(String[] args) {
    int status = run(args);
    if (status != Proxy.RUNNING) {
      System.exit(status);
    }
  }

  private static int run(String[] args) {
    if (ClientCommands.accept(args)) {
      return ClientCommands.execute(args);
    }
    return hasSettingsOnly(args)
        ? serve(new SpringProxy(), settings(args))
        : UnderstudyCommand.commandLine(new SpringProxy()).execute(args);
  }

  private static int serve(Proxy proxy, String[] settings) {
    try {
      return proxy.serve(settings);
    } catch (RuntimeException e) {
      return StartFailedException.report(e);
    }
  }

  /**
   * Whether the arguments have the form {@code [serve] [--PROPERTY=VALUE ...]}, which needs no
   * parsing.
   */
  static boolean hasSettingsOnly(String[] args) {
    return Arrays.stream(settings(args)).allMatch(Launcher::isSetting);
  }

  /** The arguments without the command {@code serve}. */
  static String[] settings(String[] args) {
    return args.length > 0 && args[0].equals(COMMAND)
        ? Arrays.copyOfRange(args, 1, args.length)
        : args;
  }

  private static boolean isSetting(String argument) {
    return argument.startsWith("--")
        && argument.indexOf('=') > 2
        && !argument.startsWith("--help=")
        && !argument.startsWith("--version=");
  }
}
