package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * A PostgreSQL pair with synchronous streaming replication, with an HTTP check on another port, as
 * every guide to Patroni behind HAProxy has it. Clients write while the primary fails and the
 * standby is promoted.
 */
class PostgresPairIT {
  private static final String FIRST = "127.0.0.1";
  private static final String SECOND = "127.0.0.2";
  private static final int CLIENTS = 4;
  private static final int SOME = 50;

  @TempDir private Path folder;
  private PostgresServer one;
  private PostgresServer two;
  private PrimaryCheck checkOne;
  private PrimaryCheck checkTwo;
  private ProxyProcess proxy;
  private Writers writers;
  private int listener;

  @BeforeEach
  void start() throws Exception {
    one = PostgresServer.primary(FIRST, Ports.free());
    one.execute("CREATE TABLE writes (number bigint PRIMARY KEY)");
    two = one.standby(SECOND, Ports.free());
    one.requireStandby();
    int checks = Ports.free();
    checkOne = new PrimaryCheck(FIRST, checks, one::isPrimary);
    checkTwo = new PrimaryCheck(SECOND, checks, two::isPrimary);
    listener = Ports.free();
    proxy =
        ProxyProcess.start(
            folder, Files.writeString(folder.resolve("gateway.yaml"), config(checks)));
    writers = new Writers(CLIENTS, this::session);
    writers.awaitMore(SOME);
  }

  private String config(int checks) {
    return """
    pools:
      db:
        servers:
          one: { url: "tcp://%s:%d" }
          two: { url: "tcp://%s:%d", role: backup }
        health:
          type: http
          path: /primary
          port: %d
          expect: { status: "200" }
          interval: 500ms
          timeout: 8s
        hold: { time: 30s }
    listeners:
      pg: { port: %d, address: 127.0.0.1, pool: db }
    """
        .formatted(FIRST, one.port(), SECOND, two.port(), checks, listener);
  }

  private Writers.Session session() throws SQLException {
    Connection connection = PostgresServer.connect(FIRST, listener);
    PreparedStatement insert = connection.prepareStatement("INSERT INTO writes VALUES (?)");
    return new Writers.Session() {
      @Override
      public void write(long number) throws SQLException {
        insert.setLong(1, number);
        insert.executeUpdate();
      }

      @Override
      public void close() throws SQLException {
        connection.close();
      }
    };
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {writers, proxy, checkOne, checkTwo, one, two}) {
      if (each != null) {
        each.close();
      }
    }
  }

  private boolean serves(String server) {
    return JsonMapper.shared()
        .readTree(proxy.manage("/api/pools/db"))
        .at("/serving")
        .asString("")
        .equals(server);
  }

  private Set<Long> rows(PostgresServer server) throws SQLException {
    return server.query("SELECT number FROM writes").stream()
        .map(Long::valueOf)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private void awaitTwoPrimaries() {
    Await.until(
        "two primaries are shown",
        () ->
            proxy.manage("/api/events?pool=db").contains("two-primaries")
                && proxy
                    .manage("/actuator/prometheus")
                    .contains("understudy_two_primaries{pool=\"db\"} 1"));
  }

  /** Every acknowledged number is there. */
  private void assertNothingLost() throws Exception {
    writers.close();
    List<Long> acknowledged = writers.written().stream().map(Writers.Written::number).toList();
    // AssertJ's containsAll compares each with each.
    assertThat(rows(two).containsAll(acknowledged)).isTrue();
    System.out.printf(
        "acknowledged %d, failed %d, longest gap %d ms%n",
        acknowledged.size(), writers.failures(), writers.longestGapMillis());
  }

  @Test
  void a_killed_primary_loses_no_acknowledged_write_and_gets_none_when_it_returns()
      throws Exception {
    one.kill();
    two.promote();
    Await.until("the standby serves", () -> serves("two"));
    writers.awaitMore(SOME);

    long before = writers.newest();
    one.start("synchronous_standby_names=");
    Await.until("the old primary is primary again", one::isPrimary);
    awaitTwoPrimaries();
    writers.awaitMore(10 * SOME);
    assertThat(serves("two")).isTrue();
    assertThat(rows(one)).allMatch(number -> number <= before);
    assertNothingLost();
  }

  @Test
  void a_frozen_primary_gets_no_write_when_it_thaws() throws Exception {
    one.freeze();
    Await.until("the primary is left", () -> !serves("one"));
    two.promote();
    Await.until("the standby serves", () -> serves("two"));
    long switched = writers.newest();
    writers.awaitMore(SOME);

    one.thaw();
    one.execute("ALTER SYSTEM RESET synchronous_standby_names");
    one.execute("SELECT pg_reload_conf()");
    Await.until("the old primary is primary again", one::isPrimary);
    awaitTwoPrimaries();
    writers.awaitMore(10 * SOME);
    assertThat(serves("two")).isTrue();
    assertThat(rows(one)).allMatch(number -> number <= switched);
    assertNothingLost();
  }
}
