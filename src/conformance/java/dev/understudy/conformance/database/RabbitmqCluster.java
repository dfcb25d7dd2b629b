package dev.understudy.conformance.database;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Nodes of Debian's RabbitMQ on loopback, which find each other by their own port mapper. */
final class RabbitmqCluster implements AutoCloseable {
  private final Path folder;
  private final int mapperPort;
  private final ProcessTree mapper;
  private final List<RabbitmqNode> nodes = new ArrayList<>();

  private RabbitmqCluster(Path folder) throws IOException {
    this.folder = folder;
    this.mapperPort = Ports.free();
    this.mapper =
        ProcessTree.start(
            folder.resolve("epmd.log"),
            List.of("epmd", "-address", "127.0.0.1", "-port", String.valueOf(mapperPort)));
  }

  /** Starts that many nodes, called mq1 and so on, and waits until each knows the others. */
  static RabbitmqCluster start(Path folder, int size) throws Exception {
    Files.setPosixFilePermissions(
        Files.writeString(folder.resolve(".erlang.cookie"), "recipe"),
        PosixFilePermissions.fromString("r--------"));
    RabbitmqCluster cluster = new RabbitmqCluster(folder);
    StringBuilder members = new StringBuilder();
    for (int i = 1; i <= size; i++) {
      members.append(
          "cluster_formation.classic_config.nodes.%d = %s%n".formatted(i, RabbitmqNode.name(i)));
    }
    for (int i = 1; i <= size; i++) {
      RabbitmqNode node = RabbitmqNode.prepare(folder, i, cluster.mapperPort, members.toString());
      cluster.nodes.add(node);
      node.start();
    }
    for (RabbitmqNode node : cluster.nodes) {
      node.awaitNodes(size);
    }
    return cluster;
  }

  /** The node of that number, from 1. */
  RabbitmqNode node(int number) {
    return nodes.get(number - 1);
  }

  @Override
  public void close() {
    nodes.forEach(RabbitmqNode::kill);
    mapper.kill();
  }
}
