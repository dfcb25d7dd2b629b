package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A primary and a replica of MariaDB, as {@code deploy/recipes/mariadb.md} has them. */
class MariadbPairIT {
  @TempDir private Path folder;
  private MariadbServer one;
  private MariadbServer two;
  private Recipe recipe;

  @BeforeEach
  void start() throws Exception {
    one = MariadbServer.prepare(folder.resolve("one"), settings(1));
    two = one.copy(folder.resolve("two"), settings(2));
    one.start();
    two.start();
    one.execute(
        "SET GLOBAL read_only = OFF; CREATE USER probe@'%'; CREATE USER app@'%';"
            + " CREATE USER copy@'%'; GRANT REPLICATION SLAVE ON *.* TO copy@'%';"
            + " CREATE DATABASE shop; GRANT ALL ON shop.* TO app@'%';"
            + " CREATE TABLE shop.orders (id INT PRIMARY KEY)");
    follow(two, one);
    recipe =
        Recipe.start(
            folder,
            "mariadb.md",
            Map.of("db-1.internal:3306", one.address(), "db-2.internal:3306", two.address()));
    recipe.awaitServing("db-1");
    recipe.awaitVerdict("db-2", "DOWN", "read-only");
  }

  /** Of my.cnf: a server that restarts is a replica until somebody says otherwise. */
  private static List<String> settings(int id) {
    return List.of("--server-id=" + id, "--log-bin", "--read-only=ON", "--skip-slave-start");
  }

  private static void follow(MariadbServer replica, MariadbServer primary) throws Exception {
    replica.execute(
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='copy',"
                .formatted(primary.port())
            + " MASTER_USE_GTID=slave_pos; START SLAVE");
  }

  private void write(int id) {
    Await.until(
        "order " + id + " is written",
        () ->
            MariadbServer.through(
                    recipe.port(),
                    folder,
                    "INSERT IGNORE INTO shop.orders VALUES (%d); SELECT 'done'".formatted(id))
                .equals("done"));
  }

  private static String orders(MariadbServer server) throws Exception {
    return server.execute("SELECT id FROM shop.orders ORDER BY id");
  }

  private static void promote(MariadbServer server) throws Exception {
    server.execute("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {recipe, two, one}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Test
  void a_promoted_replica_serves_and_the_old_primary_returns_as_its_replica() throws Exception {
    write(1);
    Await.until("the replica has it", () -> orders(two).equals("1"));
    one.kill();
    Await.until("nobody serves", () -> !recipe.serves("db-1"));
    assertThat(recipe.serves("db-2")).isFalse();
    promote(two);
    recipe.awaitServing("db-2");
    write(2);

    one.start();
    recipe.awaitVerdict("db-1", "DOWN", "read-only");
    follow(one, two);
    Await.until("the old primary follows", () -> orders(one).equals("1\n2"));
    assertThat(recipe.hasEvent("two-primaries")).isFalse();

    one.execute("SET GLOBAL read_only = OFF");
    Await.until("two primaries are shown", () -> recipe.hasEvent("two-primaries"));
    assertThat(recipe.serves("db-2")).isTrue();
  }
}
