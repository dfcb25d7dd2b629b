package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.Ports;
import dev.understudy.scenario.Processes;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pairs of databases whose standby is cut off from its primary before that dies: nobody is promoted
 * before an operator has accepted the loss.
 */
class LaggingStandbyIT {
  private static final String TOKEN = "a-token-for-tests-only";

  @TempDir private Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private ProxyProcess proxy;

  /** A hook of that name, which gets the port of its server. */
  private void hook(String name, String script) throws IOException {
    Path file = Files.createDirectories(folder.resolve("hooks")).resolve(name);
    Files.writeString(file, "#!/bin/sh\nset -e\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void start(String health, String promotion, String one, String two) throws Exception {
    String config =
        """
        pools:
          db:
            servers:
              one: { url: "tcp://%s" }
              two: { url: "tcp://%s", role: backup }
            health: { %s, role: primary, interval: 500ms }
            promotion: { %s }
            hooks:
              promote: { command: [ promote, "{server.port}" ], timeout: 30s, required: true }
        listeners:
          db: { port: %d, address: 127.0.0.1, pool: db }
        """
            .formatted(one, two, health, promotion, Ports.free());
    proxy =
        ProxyProcess.start(
            folder,
            Files.writeString(folder.resolve("gateway.yaml"), config),
            Map.of(),
            "--understudy.hooks.directory=" + folder.resolve("hooks"),
            "--understudy.admin.token=" + TOKEN);
    open.add(proxy);
    Await.until("the primary serves", () -> pool().at("/serving").asString("").equals("one"));
  }

  private JsonNode pool() {
    return JsonMapper.shared().readTree(proxy.manage("/api/pools/db"));
  }

  private JsonNode data(int server) {
    return pool().at("/servers/" + server + "/data");
  }

  private String run(int status, String... arguments) throws Exception {
    List<String> command = Processes.archived(List.of());
    command.addAll(List.of(arguments));
    command.add("--server=http://127.0.0.1:" + proxy.managementPort());
    command.add("--token-file=" + Files.writeString(folder.resolve("token"), TOKEN));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(out).isEqualTo(status);
    return out;
  }

  /** Both are told to be level, by checks of both. */
  private void awaitLevel() {
    Await.until(
        "the standby is level",
        () -> data(1).at("/lag").asString("").startsWith("level with server one"));
    assertThat(data(0).at("/position").asString("")).isNotEmpty();
    assertThat(data(1).at("/tooFar").asBoolean(true)).isFalse();
  }

  private void awaitTooFarBehind() {
    Await.until("the standby is too far behind", () -> data(1).at("/tooFar").asBoolean(false));
    assertThat(pool().at("/cause").asString(""))
        .contains("if server one fails now, nobody is promoted without an operator's word");
    assertThat(pool().at("/serving").asString("")).isEqualTo("one");
    assertThat(proxy.manage("/actuator/prometheus"))
        .contains("understudy_server_too_far_behind{pool=\"db\",server=\"two\"} 1.0");
    assertThat(proxy.manage("/api/events?pool=db")).contains("no-successor");
  }

  /** The primary is dead: nobody serves, which is said, until an operator accepts the loss. */
  private void assertOnlyAnOperatorPromotes() throws Exception {
    Await.until("nobody serves", () -> pool().at("/condition").asString("").equals("nobody"));
    Await.until(
        "the standby was checked since",
        () -> pool().at("/cause").asString("").contains("too far to be promoted"));
    Files.writeString(folder.resolve("status.txt"), run(2, "status", "db"));
    String refused = run(1, "switch", "db", "two");
    System.out.print(Files.readString(folder.resolve("status.txt")) + refused);
    assertThat(refused).contains("behind server one", "--accept-loss");
    assertThat(proxy.manage("/api/events?pool=db")).contains("an operator has to decide");
    assertThat(pool().at("/serving").asString("")).isEmpty();
    assertThat(proxy.manage("/api/events?pool=db")).doesNotContain("hook-called");

    run(0, "switch", "db", "two", "--accept-loss", "--reason", "the disk is lost");
    Await.until("the standby serves", () -> pool().at("/serving").asString("").equals("two"));
    assertThat(pool().at("/pinned").asString("")).isEqualTo("two");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void a_standby_of_postgresql_is_not_promoted_by_itself() throws Exception {
    PostgresServer one = PostgresServer.primary("127.0.0.1", Ports.free());
    open.add(one);
    one.execute("CREATE TABLE writes (number bigint, filler text)");
    one.execute("CREATE USER probe");
    PostgresServer two = one.standby("127.0.0.2", Ports.free());
    open.add(two);
    hook(
        "promote",
        "psql -qAt -h 127.0.0.2 -p $1 -U %s postgres -c 'SELECT pg_promote()'"
            .formatted(PostgresServer.USER));
    start(
        "type: postgresql, user: probe, database: postgres",
        "max-lag: 16MB",
        one.address() + ":" + one.port(),
        two.address() + ":" + two.port());
    one.execute("INSERT INTO writes VALUES (1, '')");
    awaitLevel();

    two.execute("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.9 port=1'");
    two.execute("SELECT pg_reload_conf()");
    Await.until(
        "the standby is cut off", () -> one.query("SELECT pid FROM pg_stat_replication").isEmpty());
    one.execute(
        "INSERT INTO writes SELECT n, repeat('x', 1000) FROM generate_series(2, 20000) AS n");
    awaitTooFarBehind();
    assertThat(data(1).at("/bytes").asLong(0)).isGreaterThan(16 << 20);
    one.kill();
    assertOnlyAnOperatorPromotes();
    assertThat(two.query("SELECT count(*) FROM writes")).containsExactly("1");
  }

  @Test
  void a_replica_of_redis_is_not_promoted_by_itself() throws Exception {
    RedisServer one = RedisServer.start(folder, Ports.free());
    open.add(one);
    RedisServer two =
        RedisServer.start(folder, Ports.free(), "--replicaof", "127.0.0.1", "" + one.port());
    open.add(two);
    Await.until(
        "the replica follows", () -> two.call("INFO", "replication").contains("link_status:up"));
    hook("promote", "redis-cli -p $1 REPLICAOF NO ONE");
    start("type: redis", "max-lag: 1MB", "127.0.0.1:" + one.port(), "127.0.0.1:" + two.port());
    awaitLevel();

    two.call("REPLICAOF", "127.0.0.1", "1");
    for (int i = 0; i < 2; i++) {
      one.call("SET", "key" + i, "x".repeat(1 << 20));
    }
    awaitTooFarBehind();
    assertThat(data(1).at("/bytes").asLong(0)).isGreaterThan(1 << 20);
    one.kill();
    assertOnlyAnOperatorPromotes();
  }

  @Test
  void a_replica_of_mariadb_is_not_promoted_by_itself() throws Exception {
    MariadbServer one = MariadbServer.prepare(folder.resolve("one"), settings(1));
    open.add(one);
    MariadbServer two = one.copy(folder.resolve("two"), settings(2));
    open.add(two);
    one.start();
    two.start();
    one.execute(
        "SET GLOBAL read_only = OFF; CREATE USER probe@'%'; CREATE USER copy@'%';"
            + " GRANT REPLICATION SLAVE ON *.* TO copy@'%'; CREATE USER boss@'%';"
            + " GRANT ALL ON *.* TO boss@'%'; CREATE DATABASE shop;"
            + " CREATE TABLE shop.orders (id INT PRIMARY KEY)");
    two.execute(
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='copy',"
                .formatted(one.port())
            + " MASTER_USE_GTID=slave_pos; START SLAVE");
    hook(
        "promote",
        "mariadb --no-defaults -h 127.0.0.1 -P $1 -u boss"
            + " -e 'STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF'");
    start("type: mysql, user: probe", "max-lag-time: 1s", one.address(), two.address());
    awaitLevel();

    two.execute("STOP SLAVE");
    for (int i = 1; i <= 3; i++) {
      one.execute("INSERT INTO shop.orders VALUES (" + i + ")");
    }
    awaitTooFarBehind();
    assertThat(data(1).at("/transactions").asLong(0)).isEqualTo(3);
    one.kill();
    assertOnlyAnOperatorPromotes();
  }

  private static List<String> settings(int id) {
    return List.of(
        "--server-id=" + id,
        "--log-bin",
        "--log-slave-updates=ON",
        "--gtid-strict-mode=ON",
        "--read-only=ON");
  }
}
