package dev.understudy.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Runs the proxy. */
@Command(
    name = "serve",
    description = "Runs the proxy; the default.",
    customSynopsis = "understudy serve [--PROPERTY=VALUE ...]",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Unmatched private final List<String> arguments = new ArrayList<>();

  private final Supplier<Proxy> proxy;

  ServeCommand(Supplier<Proxy> proxy) {
    this.proxy = proxy;
  }

  @Override
  public Integer call() {
    String[] settings = SpringArguments.require(spec, arguments);
    return proxy.get().serve(settings);
  }
}
