package dev.understudy;

import dev.understudy.command.Proxy;
import dev.understudy.command.StartFailedException;
import dev.understudy.command.UnderstudyCommand;
import dev.understudy.systemd.ServiceNotifier;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.Environment;

/**
 * Starts the proxy, or the command that the arguments name.
 *
 * <p>The command-line library is not loaded if the arguments are only {@code serve} and settings:
 * an AOT cache holds none of its classes, and it costs about 80 ms of CPU.
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

  /**
   * Runs a garbage collection after the start, which frees the objects that only the start needed:
   * a third of the heap.
   */
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
      if (System.getenv(ServiceNotifier.VARIABLE) != null) {
        application.addPrimarySources(List.of(ServiceManager.class));
      }
      return application.run(settings).getEnvironment();
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StartFailedException(e);
    }
  }
}
