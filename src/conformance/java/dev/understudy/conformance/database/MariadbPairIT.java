package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A primary and a replica of MariaDB, as {@code deploy/recipes/mariadb.md} has them. */
class MariadbPairIT {
  /** Of the line of {@code SHOW SLAVE STATUS}, the only column behind that word. */
  private static final Pattern RECEIVED = Pattern.compile("\tSlave_Pos\t([0-9,-]*)\t");

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
    follow(two, one, "MASTER_DELAY=0");
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
    return List.of(
        "--server-id=" + id,
        "--log-bin",
        "--log-slave-updates=ON",
        "--gtid-strict-mode=ON",
        "--read-only=ON");
  }

  /** A primary that was gets a position that includes its own commits. */
  private static void rejoin(MariadbServer former, MariadbServer primary) throws Exception {
    follow(former, primary, "MASTER_DEMOTE_TO_SLAVE=1");
  }

  /**
   * Makes a server a replica.
   *
   * @param option a further one of {@code CHANGE MASTER TO}
   */
  private static void follow(MariadbServer replica, MariadbServer primary, String option)
      throws Exception {
    replica.execute(
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='copy', %s,"
                .formatted(primary.port(), option)
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

  /** The position up to which a replica has received. */
  private static String received(MariadbServer replica) throws Exception {
    Matcher found = RECEIVED.matcher(replica.execute("SHOW SLAVE STATUS"));
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  private static void promote(MariadbServer server) throws Exception {
    server.execute("STOP SLAVE IO_THREAD");
    assertThat(server.execute("SELECT MASTER_GTID_WAIT('%s', 60)".formatted(received(server))))
        .isEqualTo("0");
    server.execute("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF");
  }

  private void awaitNobody() {
    Await.until("nobody serves", () -> !recipe.serves("db-1") && !recipe.serves("db-2"));
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
    awaitNobody();
    promote(two);
    recipe.awaitServing("db-2");
    write(2);

    one.start();
    recipe.awaitVerdict("db-1", "DOWN", "read-only");
    rejoin(one, two);
    Await.until("the old primary follows", () -> orders(one).equals("1\n2"));
    assertThat(recipe.hasEvent("two-primaries")).isFalse();

    one.execute("SET GLOBAL read_only = OFF");
    Await.until("two primaries are shown", () -> recipe.hasEvent("two-primaries"));
    assertThat(recipe.serves("db-2")).isTrue();
  }

  @Test
  void what_a_replica_received_is_applied_before_it_serves() throws Exception {
    two.execute("STOP SLAVE");
    follow(two, one, "MASTER_DELAY=8");
    write(1);
    String written = one.execute("SELECT @@gtid_binlog_pos");
    Await.until("the replica received it", () -> received(two).equals(written));
    one.kill();
    awaitNobody();
    promote(two);
    recipe.awaitServing("db-2");
    assertThat(orders(two)).isEqualTo("1");
  }

  @Test
  void an_old_primary_with_commits_of_its_own_is_refused_as_a_replica() throws Exception {
    write(1);
    Await.until("the replica has it", () -> orders(two).equals("1"));
    two.execute("STOP SLAVE");
    write(2);
    one.kill();
    awaitNobody();
    promote(two);
    recipe.awaitServing("db-2");
    write(3);

    one.start();
    rejoin(one, two);
    Await.until("it is refused", () -> one.execute("SHOW SLAVE STATUS").contains("error 1236"));
    assertThat(orders(one)).isEqualTo("1\n2");
    recipe.awaitVerdict("db-1", "DOWN", "read-only");
    assertThat(recipe.hasEvent("two-primaries")).isFalse();
  }
}
