package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The built jar in a process of its own, as its users run it. */
public final class ProxyProcess implements AutoCloseable {
  /** A JVM beside others on a busy machine. */
  private static final Duration START = Duration.ofMinutes(5);

  /** For the management port only. */
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final int port;
  private final int managementPort;
  private final Path log;

  private ProxyProcess(Process process, int port, int managementPort, Path log) {
    this.process = process;
    this.port = port;
    this.managementPort = managementPort;
    this.log = log;
  }

  /**
   * Starts it with this dynamic file and waits until it is ready.
   *
   * @param arguments further arguments; those that begin with {@code -X} go to the JVM
   */
  public static ProxyProcess start(Path folder, Path config, String... arguments)
      throws IOException, InterruptedException {
    return start(folder, config, Map.of(), arguments);
  }

  /** Starts it before one server, to which all paths lead. */
  static ProxyProcess before(int server, Path folder, String... arguments)
      throws IOException, InterruptedException {
    Path config =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              only: { servers: { only: { url: "http://127.0.0.1:%d", role: master } } }
            routes:
              - { id: all, uri: "pool://only", predicates: ["Path=/**"] }
            """
                .formatted(server));
    return start(folder, config, arguments);
  }

  /** The same with further environment variables. */
  public static ProxyProcess start(
      Path folder, Path config, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--understudy.config=" + config);
    return run(folder, "serve", all, environment);
  }

  /**
   * Starts another program that takes the arguments of the jar, such as an earlier release.
   *
   * @param program the command up to its arguments
   */
  public static ProxyProcess startProgram(
      List<String> program, Path folder, Path config, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--understudy.config=" + config);
    return run(program, folder, "serve", all, Map.of());
  }

  /** Starts the demo and waits until it is ready. */
  public static ProxyProcess startDemo(Path folder, String... arguments)
      throws IOException, InterruptedException {
    return run(folder, "demo", List.of(arguments), Map.of());
  }

  /**
   * Has a command take SIGINT. A shell starts jobs in the background with that signal ignored,
   * which all that they start inherit, these tests among them.
   */
  private static List<String> takingInterrupts() {
    List<String> env = List.of("env", "--default-signal=INT");
    try {
      List<String> probe = new ArrayList<>(env);
      probe.add("true");
      return new ProcessBuilder(probe).start().waitFor() == 0 ? env : List.of();
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** Starts the jar itself, which is one open file, with a limit of open files. */
  public static ProxyProcess startWithDescriptors(
      int limit, Path folder, Path config, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--understudy.config=" + config);
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "ulimit -n " + limit + "; exec \"$@\"", "sh"));
    command.addAll(Processes.jar(options(all)));
    return run(command, folder, "serve", all, Map.of());
  }

  private static ProxyProcess run(
      Path folder, String what, List<String> arguments, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>(takingInterrupts());
    command.addAll(Processes.archived(options(arguments)));
    return run(command, folder, what, arguments, environment);
  }

  /** Those of the JVM. */
  private static List<String> options(List<String> arguments) {
    return arguments.stream().filter(argument -> argument.startsWith("-X")).toList();
  }

  /**
   * @param start of the command, up to the jar
   */
  private static ProxyProcess run(
      List<String> start,
      Path folder,
      String what,
      List<String> arguments,
      Map<String, String> environment)
      throws IOException {
    int port = Ports.free();
    int managementPort = Ports.free();
    Path log = folder.resolve("understudy-" + port + ".log");
    List<String> command = new ArrayList<>(start);
    command.addAll(
        List.of(
            what,
            "--server.port=" + port,
            "--server.address=${test.address:127.0.0.1}",
            "--management.server.port=" + managementPort,
            "--management.server.address=127.0.0.1"));
    arguments.stream().filter(argument -> !argument.startsWith("-X")).forEach(command::add);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    ProxyProcess proxy = new ProxyProcess(process, port, managementPort, log);
    try {
      proxy.awaitReady();
    } catch (RuntimeException | AssertionError e) {
      process.destroyForcibly();
      throw e;
    }
    return proxy;
  }

  private void awaitReady() {
    Await.until(
        "the proxy is ready; its log: " + log,
        START,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("the proxy ended:\n" + log());
          }
          return status("/actuator/health/readiness") == 200;
        });
  }

  public int port() {
    return port;
  }

  public int managementPort() {
    return managementPort;
  }

  public long pid() {
    return process.pid();
  }

  public String log() throws IOException {
    return Files.readString(log);
  }

  /** GET on the management port; the answer's status, or 0 if there is none. */
  public int status(String path) {
    try {
      return HTTP.send(request(path).GET().build(), BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** GET on the management port; the answer's body. */
  public String manage(String path) {
    try {
      return HTTP.send(request(path).GET().build(), BodyHandlers.ofString()).body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path));
  }

  /** SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** SIGINT, as Ctrl-C sends it. */
  public void interrupt() throws IOException, InterruptedException {
    signal("INT");
  }

  /** Sends a signal, such as {@code STOP}. */
  public void signal(String signal) throws IOException, InterruptedException {
    Processes.signal(process.toHandle(), signal);
  }

  public boolean awaitEnd() throws InterruptedException {
    return process.waitFor(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws InterruptedException {
    if (process.isAlive()) {
      process.destroyForcibly().waitFor();
    }
  }
}
