package dev.understudy;

import dev.understudy.command.Proxy;
import dev.understudy.command.StartFailedException;
import dev.understudy.command.UnderstudyCommand;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.Environment;

/**
 * Starts the proxy, or the command that the arguments name.
 *
 * <p>The command line's library is left alone where the arguments are nothing but {@code serve} and
 * settings: an AOT cache holds no class of it, and it costs about 80 ms of CPU.
 */
public final class Launcher implements Proxy {
  private static final String COMMAND = "serve";

  Launcher() {}

  public static void main(String[] args) {
    int status =
        hasSettingsOnly(args)
            ? serve(new Launcher(), settings(args))
            : UnderstudyCommand.commandLine(new Launcher()).execute(args);
    if (status != RUNNING) {
      System.exit(status);
    }
  }

  private static int serve(Proxy proxy, String[] settings) {
    try {
      return proxy.serve(settings);
    } catch (RuntimeException e) {
      return StartFailedException.report(e);
    }
  }

  /**
   * Whether these are {@code [serve] [--PROPERTY=VALUE ...]}, in which there is nothing to parse.
   */
  static boolean hasSettingsOnly(String[] args) {
    return Arrays.stream(settings(args)).allMatch(Launcher::isSetting);
  }

  /** The arguments without the command itself. */
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

  /** Once it runs, a collection frees what only the start needed: a third of the heap. */
  @Override
  public int serve(String[] settings) {
    try {
      start(settings);
      System.gc();
    } catch (SpringApplication.AbandonedRunException e) {
      return 0;
    }
    return RUNNING;
  }

  @Override
  public Environment start(String[] settings) {
    try {
      NettyDefaults.set(System.getProperties());
      SpringApplication application = new SpringApplication(Application.class);
      application.addInitializers(new LeanContext());
      return application.run(settings).getEnvironment();
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StartFailedException(e);
    }
  }
}
