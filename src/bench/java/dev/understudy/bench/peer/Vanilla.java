package dev.understudy.bench.peer;

import dev.understudy.bench.vanilla.VanillaGateway;
import dev.understudy.scenario.Ports;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Spring Cloud Gateway as it comes, with one {@code http://} route to the first server: no health
 * checks, no metrics, no actuator.
 */
public final class Vanilla {
  public static final String NAME = "Spring Cloud Gateway";

  private Vanilla() {}

  public static Peer start(Site site, Jvm jvm) throws IOException {
    int port = Ports.free();
    List<String> command = new ArrayList<>(List.of(Child.java()));
    command.addAll(jvm.options());
    command.addAll(List.of("-cp", classPath(), VanillaGateway.class.getName()));
    String route = "--spring.cloud.gateway.server.webflux.routes[0].";
    command.addAll(
        List.of(
            "--spring.config.name=vanilla",
            "--spring.main.banner-mode=off",
            "--server.address=127.0.0.1",
            "--server.port=" + port,
            route + "id=app",
            route + "uri=http://127.0.0.1:" + site.servers().getFirst(),
            route + "predicates[0]=Path=/**"));
    command.addAll(site.springTls());
    Child process =
        Child.start("vanilla-" + port, site.folder(), command).await(() -> Ports.listening(port));
    return new ProcessPeer(NAME, port, process);
  }

  /** Without our classes and configuration, and without libraries that a plain Gateway lacks. */
  private static String classPath() {
    return Stream.of(Child.classPath().split(File.pathSeparator))
        .filter(entry -> !entry.endsWith(Path.of("target", "classes").toString()))
        .filter(
            entry ->
                !Path.of(entry)
                    .getFileName()
                    .toString()
                    .matches("spring-boot-(starter-)?(actuator|micrometer).*"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
