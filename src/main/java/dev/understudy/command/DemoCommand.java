package dev.understudy.command;

import dev.understudy.demo.DemoConsole;
import dev.understudy.demo.DemoServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.springframework.core.env.Environment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Runs the proxy in front of an embedded master and backup. */
@Command(
    name = "demo",
    description = "Runs the proxy before an embedded master and backup, with a page to try it.",
    customSynopsis = "understudy demo [--PROPERTY=VALUE ...]",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Unmatched private final List<String> arguments = new ArrayList<>();

  private final Supplier<Proxy> proxy;

  DemoCommand(Supplier<Proxy> proxy) {
    this.proxy = proxy;
  }

  @Override
  public Integer call() throws IOException {
    String[] settings = SpringArguments.require(spec, arguments);
    DemoServers servers = DemoServers.start();
    Path folder = Files.createTempDirectory("understudy-demo");
    folder.toFile().deleteOnExit();
    Path file = Files.writeString(folder.resolve("gateway.yaml"), servers.gatewayYaml());
    file.toFile().deleteOnExit();
    DemoSettings demo = DemoSettings.of(file, settings, System.getenv());
    // Read by Reactor Netty, in seconds; by default every stop waits 2 s for more to do.
    System.getProperties().putIfAbsent("reactor.netty.ioShutdownQuietPeriod", "0");
    Environment environment = proxy.get().start(demo.arguments().toArray(String[]::new));
    DemoConsole console =
        new DemoConsole(
            environment.getRequiredProperty("local.management.port", Integer.class), demo.token());
    servers.console(console);
    System.out.printf(
        "%nThe demo: http://localhost:%s%nIts console, with the token that its buttons need: %s%n"
            + "Ctrl-C ends both.%n%n",
        environment.getProperty("local.server.port"), console.link());
    return Proxy.RUNNING;
  }
}
