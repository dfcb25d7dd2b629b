package dev.understudy.command;

import dev.understudy.demo.DemoConsole;
import dev.understudy.demo.DemoServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.springframework.core.env.Environment;
import picocli.CommandLine.Command;

/** Runs the proxy in front of an embedded master and backup. */
@Command(
    name = "demo",
    description =
        "Runs the proxy in front of an embedded master and backup, with a page to try it.",
    customSynopsis = "understudy demo [--PROPERTY=VALUE ...]")
final class DemoCommand extends ProxyCommand {
  DemoCommand(Supplier<ProxyStarter> proxy) {
    super(proxy);
  }

  @Override
  public Integer call() throws IOException {
    String[] settings = settings();
    DemoServers servers = DemoServers.start();
    Path folder = Files.createTempDirectory("understudy-demo");
    folder.toFile().deleteOnExit();
    Path file = Files.writeString(folder.resolve("gateway.yaml"), servers.gatewayYaml());
    file.toFile().deleteOnExit();
    DemoSettings demo = DemoSettings.of(file, settings, System.getenv());
    Environment environment = proxy().start(demo.arguments().toArray(String[]::new));
    DemoConsole console =
        new DemoConsole(
            environment.getRequiredProperty("local.management.port", Integer.class), demo.token());
    servers.console(console);
    System.out.print(
        guide(environment.getRequiredProperty("local.server.port", Integer.class), console));
    return ProxyStarter.RUNNING;
  }

  /** Where the demo is, and commands to try in another terminal. */
  static String guide(int port, DemoConsole console) {
    return """

    The demo: http://localhost:%1$d
    Its console, with the token that its buttons need: %2$s

    Try this, in another terminal or with the buttons of the page:
      while sleep 0.2; do curl -s http://localhost:%1$d/whoami; echo; done   # who serves
      curl -X POST http://localhost:%1$d/demo/master/kill      # the backup takes over, no request is lost
      curl -X POST http://localhost:%1$d/demo/master/restore   # the master serves again
      curl -X POST http://localhost:%1$d/demo/master/freeze    # accepts connections, and never responds
      curl '%3$sapi/events?pool=demo&format=text'   # what happened, and why
    Ctrl-C ends all.

    """
        .formatted(port, console.link(), console.address());
  }
}
