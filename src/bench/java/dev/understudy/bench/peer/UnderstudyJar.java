package dev.understudy.bench.peer;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Understudy from its jar, with all settings at their defaults. */
public final class UnderstudyJar implements Peer {
  /** The name of the run with all settings at their defaults. */
  public static final String EXPRESS = "Understudy";

  /** The name of the run whose requests all go through Spring Cloud Gateway. */
  public static final String GATEWAY_LANE = "Understudy, Gateway lane";

  /** The argument that sends all requests through Spring Cloud Gateway. */
  public static final String EXPRESS_OFF = "--understudy.express=off";

  public static final Path JAR = Path.of("target/understudy.jar").toAbsolutePath();

  private final String name;
  private final int port;
  private final int managementPort;
  private final Child process;

  private UnderstudyJar(String name, int port, int managementPort, Child process) {
    this.name = name;
    this.port = port;
    this.managementPort = managementPort;
    this.process = process;
  }

  /** Starts it and waits until it is ready; the arguments are static settings. */
  public static UnderstudyJar start(String name, Site site, Jvm jvm, String... arguments)
      throws IOException {
    int port = Ports.free();
    int managementPort = Ports.free();
    List<String> command = command(jvm);
    command.addAll(serve(site, port, managementPort));
    command.addAll(Arrays.asList(arguments));
    Child process =
        Child.start("understudy-" + port, site.folder(), command)
            .await(() -> isReady(managementPort));
    return new UnderstudyJar(name, port, managementPort, process);
  }

  /**
   * Starts it with this dynamic file, whose listeners it has beside its own, and waits until it is
   * ready.
   *
   * @param name of its dynamic file and log
   * @param port of one of the listeners
   */
  static Peer start(Path folder, String name, String dynamicFile, int port, Jvm jvm)
      throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".yaml"), dynamicFile);
    int managementPort = Ports.free();
    List<String> command = command(jvm);
    command.addAll(
        List.of(
            "serve",
            "--server.port=" + Ports.free(),
            "--management.server.port=" + managementPort,
            "--understudy.config=" + file));
    Child process = Child.start(name, folder, command).await(() -> isReady(managementPort));
    return new ProcessPeer(EXPRESS, port, process);
  }

  private static List<String> command(Jvm jvm) {
    List<String> command = new ArrayList<>(List.of(Child.java()));
    command.addAll(jvm.options());
    command.addAll(List.of("-jar", JAR.toString()));
    return command;
  }

  /** Writes the dynamic file for this site; the command and the settings that serve it. */
  public static List<String> serve(Site site, int port, int managementPort) throws IOException {
    Path file = configure(site, "understudy-" + port);
    List<String> settings =
        new ArrayList<>(
            List.of(
                "serve",
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--management.server.address=127.0.0.1",
                "--management.server.port=" + managementPort,
                "--understudy.config=" + file));
    settings.addAll(site.springTls());
    return settings;
  }

  /** Writes the dynamic file for this site. */
  public static Path configure(Site site, String name) throws IOException {
    return Files.writeString(site.folder().resolve(name + ".yaml"), dynamicFile(site));
  }

  private static String dynamicFile(Site site) {
    StringBuilder yaml = new StringBuilder("pools:\n");
    for (Site.Pool pool : site.pools()) {
      yaml.append("  %s:\n    servers:\n".formatted(pool.name()));
      for (int i = 0; i < pool.servers().size(); i++) {
        yaml.append(
            "      s%d: { url: \"http://%s\", role: %s }\n"
                .formatted(i, pool.servers().get(i), i == 0 ? "master" : "backup"));
      }
      yaml.append("    health: { path: /status, expect: { body: version } }\n");
    }
    yaml.append("routes:\n");
    for (int i = 0; i < site.routes() - 1; i++) {
      yaml.append(route("r" + i, site.poolOf(i), "Host=" + Site.host(i)));
    }
    return yaml.append(route("app", site.poolOf(0), "Path=/**")).toString();
  }

  private static String route(String id, String pool, String predicate) {
    return "  - { id: %s, uri: \"pool://%s\", predicates: [\"%s\"] }\n"
        .formatted(id, pool, predicate);
  }

  /** Whether the Understudy with this management port says that it is ready. */
  public static boolean isReady(int managementPort) {
    try {
      URI readiness =
          URI.create("http://127.0.0.1:" + managementPort + "/actuator/health/readiness");
      HttpURLConnection connection = (HttpURLConnection) readiness.toURL().openConnection();
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int port() {
    return port;
  }

  /** The port of health, metrics and the API. */
  public int managementPort() {
    return managementPort;
  }

  @Override
  public long pid() {
    return process.pid();
  }

  /** The process id, for signals and the log. */
  public Child process() {
    return process;
  }

  @Override
  public void close() {
    process.close();
  }
}
