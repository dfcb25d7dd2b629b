package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A container of the image, run by Debian's podman and runc as the Deployment has it run: read-only
 * but for /tmp, without capabilities and new privileges, with 256 MB. On the machine's own network.
 */
final class Container implements AutoCloseable {
  /** The time of a JVM on a busy machine. */
  private static final Duration START = Duration.ofMinutes(2);

  private final Path folder;
  private final String name;
  private final Path log;
  private final Process process;
  private final int port = Ports.free();
  private final int managementPort = Ports.free();

  /** Runs the command of the image, {@code serve}, with this directory as its config. */
  static Container serve(Path folder, Path config) throws IOException {
    return new Container(folder, List.of("--volume=" + config + ":/app/config:ro"), List.of());
  }

  /** Runs another Java command than the image's. */
  static Container java(Path folder, String... arguments) throws IOException {
    return new Container(folder, List.of("--entrypoint=java"), List.of(arguments));
  }

  private Container(Path folder, List<String> options, List<String> arguments) throws IOException {
    this.folder = folder;
    name = "understudy-" + port;
    log = folder.resolve(name + ".log");
    List<String> command = podman("run", "--name=" + name, "--pull=never", "--network=host");
    command.addAll(List.of("--read-only", "--tmpfs=/tmp:exec", "--cap-drop=ALL"));
    command.addAll(List.of("--security-opt=no-new-privileges", "--memory=256m"));
    command.addAll(List.of("--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000"));
    command.addAll(List.of("--log-driver=k8s-file", "--log-opt=path=" + log));
    command.addAll(options);
    command.add(ImageBuilder.IMAGE);
    if (arguments.isEmpty()) {
      command.addAll(List.of("serve", "--server.port=" + port, "--server.address=127.0.0.1"));
      command.add("--management.server.port=" + managementPort);
      command.add("--management.server.address=127.0.0.1");
    }
    command.addAll(arguments);
    process =
        builder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".podman.log").toFile())
            .start();
  }

  private List<String> podman(String... arguments) {
    List<String> command = new ArrayList<>(List.of("podman"));
    command.addAll(ImageBuilder.storage(folder));
    command.addAll(List.of("--tmpdir=" + folder.resolve("tmp"), "--runtime=runc"));
    command.addAll(List.of("--cgroup-manager=cgroupfs", "--events-backend=file"));
    command.addAll(List.of(arguments));
    return command;
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TMPDIR", folder.toString());
    return builder;
  }

  private String run(String... arguments) throws IOException, InterruptedException {
    Process podman = builder(podman(arguments)).redirectError(Redirect.DISCARD).start();
    String out = new String(podman.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(podman.waitFor()).as("podman %s", List.of(arguments)).isZero();
    return out.strip();
  }

  void awaitReady() {
    Await.until(
        "the container is ready",
        START,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("the container ended:\n" + said());
          }
          return status("/actuator/health/readiness") == 200;
        });
  }

  int port() {
    return port;
  }

  /** GET on the management port; the response's status, or 0 if there is none. */
  int status(String path) {
    try {
      return HttpConnection.once(managementPort, "GET", path).status();
    } catch (IOException e) {
      return 0;
    }
  }

  /** GET on the management port; the response's body. */
  String manage(String path) throws IOException {
    return HttpConnection.once(managementPort, "GET", path).body();
  }

  /** A file of the first process under /proc. */
  List<String> proc(String file) throws IOException, InterruptedException {
    String pid = run("inspect", "--format={{.State.Pid}}", name);
    return Files.readAllLines(Path.of("/proc", pid, file));
  }

  /** SIGTERM, to the first process. */
  void terminate() throws IOException, InterruptedException {
    run("kill", "--signal=TERM", name);
  }

  /** Waits for its end; the exit status. */
  int awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("the container ended").isTrue();
    return process.exitValue();
  }

  /** Its standard output and error, without podman's time stamps. */
  List<String> lines() throws IOException {
    return Files.readAllLines(log).stream()
        .map(line -> line.replaceFirst("^\\S+ std(out|err) [FP] ", ""))
        .toList();
  }

  /** All that is known of why it ended. */
  String said() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : List.of(folder.resolve(name + ".podman.log"), log)) {
      try (Stream<String> lines = Files.exists(file) ? Files.lines(file) : Stream.empty()) {
        lines.forEach(line -> all.append(line).append('\n'));
      }
    }
    return all.toString();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    run("rm", "--force", "--ignore", "--time=0", name);
    process.waitFor(1, TimeUnit.MINUTES);
  }
}
