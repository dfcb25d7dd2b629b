package dev.understudy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Runs the proxy. */
@Command(
    name = "serve",
    description = "Runs the proxy; the default.",
    customSynopsis = "java -jar understudy.jar serve [--PROPERTY=VALUE ...]",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Unmatched private final List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() {
    return serve(SpringArguments.require(spec, arguments));
  }

  /** Once it runs, the heap is rid of what only the start needed: a third of it, for one pause. */
  static int serve(String[] arguments) {
    try {
      start(arguments);
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
  static ConfigurableApplicationContext start(String[] arguments) {
    try {
      return new SpringApplication(Application.class).run(arguments);
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StartFailedException(e);
    }
  }
}
