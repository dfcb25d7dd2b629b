package dev.understudy;

import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts the proxy.
 *
 * <p>Knows nothing of the command line's library, of which an AOT cache takes no class: what is
 * nothing but {@code serve} and settings starts without it, which is about 80 ms of CPU.
 */
final class Serving {
  private static final String COMMAND = "serve";

  private Serving() {}

  /**
   * Whether these are {@code [serve] [--PROPERTY=VALUE ...]}, in which there is nothing to parse.
   */
  static boolean isMeantBy(String[] args) {
    return Arrays.stream(settings(args)).allMatch(Serving::isSetting);
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

  /** Once it runs, the heap is rid of what only the start needed: a third of it, for one pause. */
  static int serve(String[] settings) {
    try {
      start(settings);
      System.gc();
    } catch (SpringApplication.AbandonedRunException e) {
      return 0;
    }
    return Understudy.RUNNING;
  }

  /**
   * Starts it; returns when it listens.
   *
   * @throws StartFailedException if it could not start
   */
  static ConfigurableApplicationContext start(String[] settings) {
    try {
      NettyDefaults.set(System.getProperties());
      SpringApplication application = new SpringApplication(Application.class);
      application.addInitializers(new LeanContext());
      return application.run(settings);
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StartFailedException(e);
    }
  }
}
