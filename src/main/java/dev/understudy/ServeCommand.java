package dev.understudy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
    return Serving.serve(SpringArguments.require(spec, arguments));
  }
}
