package dev.understudy.command;

import java.util.function.Supplier;
import picocli.CommandLine.Command;

/** Runs the proxy. */
@Command(
    name = "serve",
    description = "Runs the proxy; the default.",
    customSynopsis = "understudy serve [--PROPERTY=VALUE ...]")
final class ServeCommand extends ProxyCommand {
  ServeCommand(Supplier<ProxyStarter> proxy) {
    super(proxy);
  }
}
