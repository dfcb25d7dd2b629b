package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One member of a real etcd on loopback. It keeps its ports and data when it is started again. */
public final class EtcdServer implements AutoCloseable {
  private static final int HEALTH_MILLIS = 1000;

  private final Path folder;
  private final String name;
  private final int clientPort;
  private final int peerPort;
  private final int metricsPort;
  private final boolean tls;
  private final List<String> more;
  private String cluster;
  private Process process;

  private EtcdServer(Path folder, String name, List<String> more) throws IOException {
    this.folder = folder.resolve(name);
    this.name = name;
    this.clientPort = Ports.free();
    this.peerPort = Ports.free();
    this.metricsPort = Ports.free();
    this.tls = more.contains("--cert-file");
    this.more = more;
    this.cluster = name + "=" + peerUrl();
  }

  /**
   * A cluster of one, with its data and log in that folder.
   *
   * @param more arguments of etcd
   */
  public static EtcdServer start(Path folder, String... more) throws IOException {
    EtcdServer server = new EtcdServer(folder, "etcd", List.of(more));
    server.startAgain();
    return server;
  }

  /** A cluster of that many members. */
  public static List<EtcdServer> cluster(Path folder, int size) throws IOException {
    List<EtcdServer> members = new ArrayList<>();
    for (int i : IntStream.range(0, size).toArray()) {
      members.add(new EtcdServer(folder, "etcd-" + i, List.of()));
    }
    String all =
        members.stream()
            .map(member -> member.name + "=" + member.peerUrl())
            .collect(Collectors.joining(","));
    for (EtcdServer member : members) {
      member.cluster = all;
      member.launch();
    }
    members.forEach(EtcdServer::awaitHealth);
    return members;
  }

  public String url() {
    return (tls ? "https" : "http") + "://127.0.0.1:" + clientPort;
  }

  private String peerUrl() {
    return "http://127.0.0.1:" + peerPort;
  }

  private void launch() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Binaries.find("etcd").toString(),
                "--name",
                name,
                "--data-dir",
                folder.toString(),
                "--listen-client-urls",
                url(),
                "--advertise-client-urls",
                url(),
                "--listen-peer-urls",
                peerUrl(),
                "--initial-advertise-peer-urls",
                peerUrl(),
                "--initial-cluster",
                cluster,
                "--listen-metrics-urls",
                "http://127.0.0.1:" + metricsPort,
                "--log-level",
                "warn"));
    command.addAll(more);
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log()))
            .start();
  }

  private File log() {
    return folder.resolveSibling(name + ".log").toFile();
  }

  private void awaitHealth() {
    Await.until(
        name + " is healthy",
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(log().toPath()));
          }
          return isHealthy();
        });
  }

  private boolean isHealthy() throws IOException {
    var connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + metricsPort + "/health").toURL().openConnection();
    connection.setConnectTimeout(HEALTH_MILLIS);
    connection.setReadTimeout(HEALTH_MILLIS);
    try {
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    } finally {
      connection.disconnect();
    }
  }

  /** Ends it at once. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts it after {@link #kill}, and waits until it is healthy. */
  public void startAgain() throws IOException {
    launch();
    awaitHealth();
  }

  /** Without its data, as a new cluster on the old ports. */
  public void startEmpty() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    startAgain();
  }

  /** The kernel still accepts connections, and nobody answers, until {@link #thaw}. */
  public void freeze() throws IOException, InterruptedException {
    Processes.signal(process.toHandle(), "STOP");
  }

  public void thaw() throws IOException, InterruptedException {
    Processes.signal(process.toHandle(), "CONT");
  }

  /** Runs etcdctl with this member; gives its output. */
  public String ctl(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(Binaries.find("etcdctl").toString(), "--endpoints", url()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    Process control = builder.start();
    control.getOutputStream().close();
    String output = new String(control.getInputStream().readAllBytes());
    if (control.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
