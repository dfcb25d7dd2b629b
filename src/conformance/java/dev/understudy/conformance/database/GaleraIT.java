package dev.understudy.conformance.database;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes of MariaDB with Galera and an arbitrator, as {@code deploy/recipes/galera.md} has. */
class GaleraIT {
  @TempDir private Path folder;
  private MariadbServer one;
  private MariadbServer two;
  private ProcessTree arbitrator;
  private Recipe recipe;

  @BeforeEach
  void start() throws Exception {
    List<Integer> ports = List.of(Ports.free(), Ports.free(), Ports.free());
    one = MariadbServer.prepare(folder.resolve("one"), node(ports.get(0), ports));
    one.start("--wsrep-new-cluster");
    one.execute(
        "CREATE USER probe@'%'; CREATE USER app@'%'; CREATE DATABASE shop;"
            + " GRANT ALL ON shop.* TO app@'%'; CREATE TABLE shop.orders (id INT PRIMARY KEY)");
    // With the data and the position of the first, the second needs no transfer of its state.
    one.shutdown();
    two = one.copy(folder.resolve("two"), node(ports.get(1), ports));
    one.start("--wsrep-new-cluster");
    arbitrator =
        ProcessTree.start(
            folder.resolve("garbd.log"),
            List.of(
                "garbd",
                "-w",
                folder.toString(),
                "-a",
                "gcomm://127.0.0.1:" + ports.get(0),
                "-g",
                "recipe",
                "-o",
                "gmcast.listen_addr=tcp://127.0.0.1:" + ports.get(2)));
    two.start();
    Await.until("the cluster is whole", () -> state(two).equals("3 Primary 4"));
    recipe =
        Recipe.start(
            folder,
            "galera.md",
            Map.of("db-1.internal:3306", one.address(), "db-2.internal:3306", two.address()));
    recipe.awaitServing("db-1");
    recipe.awaitVerdict("db-2", "UP", "synced");
  }

  private static List<String> node(int port, List<Integer> ports) throws Exception {
    return List.of(
        "--binlog-format=ROW",
        "--innodb-autoinc-lock-mode=2",
        "--wsrep-on=ON",
        "--wsrep-provider=/usr/lib/galera/libgalera_smm.so",
        "--wsrep-cluster-name=recipe",
        "--wsrep-cluster-address=gcomm://127.0.0.1:%d,127.0.0.1:%d"
            .formatted(ports.get(0), ports.get(1)),
        "--wsrep-sst-method=rsync",
        "--wsrep-node-address=127.0.0.1",
        "--wsrep-sst-receive-address=127.0.0.1:" + Ports.free(),
        "--wsrep-provider-options=gcache.size=16M;gmcast.listen_addr=tcp://127.0.0.1:%d;ist.recv_addr=127.0.0.1:%d"
            .formatted(port, Ports.free()));
  }

  /** Members, the component and the node's own state. */
  private static String state(MariadbServer node) throws Exception {
    return node.execute(
            "SHOW GLOBAL STATUS WHERE Variable_name IN"
                + " ('wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_local_state')")
        .lines()
        .sorted()
        .map(line -> line.split("\t", -1)[1])
        .reduce((left, right) -> left + " " + right)
        .orElse("");
  }

  private String client(String statements) throws InterruptedException {
    return MariadbServer.through(recipe.port(), folder, statements);
  }

  private void write(int id) {
    Await.until(
        "order " + id + " is written",
        () ->
            client("INSERT IGNORE INTO shop.orders VALUES (%d); SELECT 'done'".formatted(id))
                .equals("done"));
  }

  @AfterEach
  void stop() throws Exception {
    if (arbitrator != null) {
      arbitrator.kill();
    }
    for (AutoCloseable each : new AutoCloseable[] {recipe, two, one}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Test
  void the_check_tells_each_state_and_a_frozen_node_loses_no_write() throws Exception {
    write(1);
    one.execute("SET GLOBAL wsrep_desync = ON");
    recipe.awaitVerdict("db-1", "UP", "donor or desynchronized");
    one.execute("SET GLOBAL wsrep_desync = OFF");
    two.execute("SET GLOBAL read_only = ON");
    recipe.awaitVerdict("db-2", "DOWN", "read-only");
    two.execute("SET GLOBAL read_only = OFF");
    recipe.awaitVerdict("db-2", "UP", "synced");

    one.freeze();
    recipe.awaitServing("db-2");
    write(2);
    one.kill();

    arbitrator.kill();
    recipe.awaitVerdict("db-2", "DOWN", "wsrep_cluster_status is non-Primary");
    Await.until("nobody serves", () -> !recipe.serves("db-2"));
  }
}
