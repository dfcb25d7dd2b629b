package dev.understudy.conformance.database;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node of a {@link RabbitmqCluster}. It keeps its port and data when it is started again. */
final class RabbitmqNode {
  private static final Path PROGRAMS = Path.of("/usr/lib/rabbitmq/bin");

  private final Path folder;
  private final String name;
  private final int port;
  private final List<String> environment;
  private ProcessTree process;

  private RabbitmqNode(Path folder, String name, int port, int mapperPort) throws IOException {
    this.folder = folder;
    this.name = name;
    this.port = port;
    this.environment =
        List.of(
            "env",
            // Of the cookie by which nodes and commands trust each other.
            "HOME=" + folder.getParent(),
            "ERL_EPMD_ADDRESS=127.0.0.1",
            "ERL_EPMD_PORT=" + mapperPort,
            "RABBITMQ_NODENAME=" + name,
            "RABBITMQ_DIST_PORT=" + Ports.free(),
            "RABBITMQ_CONFIG_FILE=" + folder.resolve("rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE=" + folder.resolve("plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR=" + folder.resolve("generated"),
            "RABBITMQ_MNESIA_BASE=" + folder.resolve("data"),
            "RABBITMQ_LOG_BASE=" + folder,
            "RABBITMQ_LOGS=-",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}"
                + " -kernel net_ticktime 8");
  }

  static String name(int number) {
    return "mq%d@localhost".formatted(number);
  }

  /**
   * A node that does not run yet.
   *
   * @param members lines of the settings, with the nodes of the cluster
   */
  static RabbitmqNode prepare(Path parent, int number, int mapperPort, String members)
      throws IOException {
    Path folder = Files.createDirectory(parent.resolve("mq" + number));
    RabbitmqNode node = new RabbitmqNode(folder, name(number), Ports.free(), mapperPort);
    Files.writeString(
        folder.resolve("rabbitmq.conf"),
        """
        listeners.tcp.1 = %s
        cluster_partition_handling = pause_minority
        log.connection.level = error
        cluster_formation.peer_discovery_backend = classic_config
        %s\
        """
            .formatted(node.address(), members));
    Files.writeString(folder.resolve("plugins"), "[].\n");
    return node;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  private List<String> command(String program, String... arguments) {
    List<String> command = new ArrayList<>(environment);
    command.add(PROGRAMS.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private Path log() {
    return folder.resolve("server.log");
  }

  void start() throws IOException {
    process = ProcessTree.start(log(), command("rabbitmq-server"));
  }

  /** Waits until this node runs, and as many of its cluster. */
  void awaitNodes(int count) throws IOException, InterruptedException {
    Await.until(
        name + " is booted",
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(log()));
          }
          return Ports.listening(port);
        });
    run("rabbitmqctl", "await_online_nodes", String.valueOf(count));
  }

  /** Runs one of RabbitMQ's commands for this node; gives its output. */
  String run(String program, String... arguments) throws IOException, InterruptedException {
    List<String> command = command(program, "-n", name, "--timeout", "60");
    command.addAll(List.of(arguments));
    return ProcessTree.run(folder, command);
  }

  /** Ends it at once. */
  void kill() {
    process.kill();
  }

  void freeze() throws IOException, InterruptedException {
    process.freeze();
  }

  void thaw() throws IOException, InterruptedException {
    process.thaw();
  }
}
