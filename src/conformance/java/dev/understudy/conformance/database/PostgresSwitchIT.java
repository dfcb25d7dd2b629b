package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.understudy.scenario.AgreeingReplicas;
import dev.understudy.scenario.AgreeingReplicas.Ended;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A PostgreSQL pair with asynchronous streaming replication behind three replicas that agree
 * through a Kubernetes API server, with the settings of {@code config/databases.md} and the hooks
 * of {@code deploy/postgresql}. Clients write while the role moves on purpose, or since the primary
 * dies.
 */
@Tag("timed")
class PostgresSwitchIT {
  private static final int CLIENTS = 20;
  private static final int SOME = 500;
  private static final int REPLICAS = 3;
  private static final String POOL = "database";
  private static final String ENDED = "57P01";

  @TempDir private Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Integer> listeners = new ArrayList<>();
  private final AtomicInteger sessions = new AtomicInteger();

  /** Failures of a transaction's first statement, as its session had ended before. */
  private final AtomicInteger endedIdle = new AtomicInteger();

  /** All other failures. */
  private final AtomicInteger aborted = new AtomicInteger();

  private PostgresHooks hooks;
  private AgreeingReplicas replicas;
  private PostgresServer one;
  private PostgresServer two;
  private Writers writers;

  @BeforeEach
  void start() throws Exception {
    one = PostgresServer.primary("127.0.0.1", Ports.free());
    open.add(one);
    one.execute("CREATE TABLE writes (number bigint)");
    one.execute("CREATE USER probe");
    two = one.standby("127.0.0.2", Ports.free());
    open.add(two);
    hooks = new PostgresHooks(folder);
    hooks.connect("db-1", one);
    hooks.connect("db-2", two);
    for (int i = 0; i < REPLICAS; i++) {
      listeners.add(Ports.free());
    }
    replicas =
        AgreeingReplicas.start(
            folder,
            hooks.environment(),
            number -> config(listeners.get(number)),
            "--understudy.hooks.directory=" + hooks.directory());
    open.add(replicas);
    replicas.awaitServing(POOL, "db-1");
    writers = new Writers(CLIENTS, this::session);
    open.add(writers);
    writers.awaitMore(SOME);
  }

  /** The example of the page, with the addresses of these servers. */
  private String config(int listener) throws IOException {
    String page = Files.readString(Path.of("config/databases.md"));
    String example =
        Pattern.compile("```yaml\n(pools:.*?hooks:.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .findFirst()
            .orElseThrow();
    return example
        .replace("db-1.internal:5432", one.address() + ":" + one.port())
        .replace("db-2.internal:5432", two.address() + ":" + two.port())
        .replace("port: 5432", "address: 127.0.0.1, port: " + listener);
  }

  /** Writes in transactions of two statements, through the replicas in turn. */
  private Writers.Session session() throws SQLException {
    int listener = listeners.get(sessions.getAndIncrement() % listeners.size());
    Connection connection = PostgresServer.connect("127.0.0.1", listener);
    connection.setAutoCommit(false);
    PreparedStatement insert = connection.prepareStatement("INSERT INTO writes VALUES (?)");
    PreparedStatement wait = connection.prepareStatement("SELECT pg_sleep(random() / 50)");
    return new Writers.Session() {
      @Override
      public void write(long number) throws SQLException {
        try {
          insert.setLong(1, number);
          insert.executeUpdate();
        } catch (SQLException e) {
          (ENDED.equals(e.getSQLState()) ? endedIdle : aborted).incrementAndGet();
          throw e;
        }
        try {
          wait.execute();
          connection.commit();
        } catch (SQLException e) {
          aborted.incrementAndGet();
          throw e;
        }
      }

      @Override
      public void close() throws SQLException {
        connection.close();
      }
    };
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private void switchTo(String server) throws Exception {
    long began = System.nanoTime();
    Ended ended = replicas.run("switch", POOL, server, "--planned", "--pause", "30s");
    assertThat(ended.status()).as(ended.out()).isZero();
    replicas.awaitServing(POOL, server);
    writers.awaitMore(SOME);
    System.out.printf(
        "%slongest time without a commit: %d ms%n", ended.out(), writers.longestGapMillis(began));
  }

  private List<Connection> idleSessions() throws SQLException {
    List<Connection> idle = new ArrayList<>();
    for (int listener : listeners) {
      Connection connection = PostgresServer.connect("127.0.0.1", listener);
      idle.add(connection);
      open.add(connection);
      select(connection);
    }
    return idle;
  }

  private static void select(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  /** All acknowledged numbers are there, and none twice. */
  private void assertComplete(PostgresServer primary) throws Exception {
    writers.close();
    List<Long> rows =
        primary.query("SELECT number FROM writes").stream().map(Long::valueOf).toList();
    Set<Long> numbers = new HashSet<>(rows);
    Set<Long> lost = new TreeSet<>();
    writers.written().stream()
        .map(Writers.Written::number)
        .filter(each -> !numbers.contains(each))
        .forEach(lost::add);
    System.out.printf(
        "acknowledged %d, lost %d, twice %d, aborted %d, sessions that ended idle %d%n",
        writers.written().size(),
        lost.size(),
        rows.size() - numbers.size(),
        aborted.get(),
        endedIdle.get());
    assertThat(lost).isEmpty();
    assertThat(rows).doesNotHaveDuplicates();
  }

  @Test
  void a_planned_switch_and_the_way_back_lose_no_commit_and_abort_no_transaction()
      throws Exception {
    List<Connection> idle = idleSessions();
    switchTo("db-2");
    for (Connection each : idle) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> select(each))
          .returns(ENDED, SQLException::getSQLState);
    }
    Await.until(
        "the old primary follows",
        () -> two.query("SELECT state FROM pg_stat_replication").equals(List.of("streaming")));
    switchTo("db-1");
    assertComplete(one);
    assertThat(aborted).hasValue(0);
  }

  @Test
  void the_old_primary_goes_on_if_the_new_one_cannot_be_reached_or_promoted() throws Exception {
    hooks.disconnect("db-2");
    Ended givenUp = replicas.run("switch", POOL, "db-2", "--planned", "--pause", "30s");
    assertThat(givenUp.out()).contains("GIVEN_UP");
    assertThat(givenUp.status()).isOne();
    writers.awaitMore(SOME);

    hooks.connect("db-2", two);
    hooks.failPromotionsOf("db-2");
    Ended rolledBack = replicas.run("switch", POOL, "db-2", "--planned", "--pause", "30s");
    assertThat(rolledBack.out()).contains("ROLLED_BACK");
    assertThat(rolledBack.status()).isEqualTo(2);
    writers.awaitMore(SOME);
    System.out.print(givenUp.out() + rolledBack.out());
    assertThat(replicas.serves(POOL, "db-1")).isTrue();
    assertThat(two.isPrimary()).isFalse();
    assertComplete(one);
    assertThat(aborted).hasValue(0);
  }

  @Test
  void a_killed_primary_loses_no_commit_that_its_standby_had_and_is_not_followed_when_it_returns()
      throws Exception {
    one.requireStandby();
    // The view names the standby before commits wait for it; a later one that did has all before
    // it.
    Await.until(
        "commits wait for the standby",
        () ->
            !one.query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'").isEmpty());
    writers.awaitMore(SOME);
    hooks.disconnect("db-1");
    long killed = System.nanoTime();
    one.kill();
    replicas.awaitServing(POOL, "db-2");
    writers.awaitMore(SOME);
    System.out.printf(
        "killed: longest time without a commit %d ms%n", writers.longestGapMillis(killed));

    long before = writers.newest();
    one.start("synchronous_standby_names=");
    Await.until("the old primary is primary again", one::isPrimary);
    Await.until(
        "two primaries are shown",
        () ->
            replicas.all().stream()
                .allMatch(
                    each -> each.manage("/api/events?pool=" + POOL).contains("two-primaries")));
    writers.awaitMore(SOME);
    assertThat(replicas.serves(POOL, "db-2")).isTrue();
    assertThat(one.query("SELECT number FROM writes WHERE number > " + before)).isEmpty();

    hooks.connect("db-1", one);
    Await.until("the old primary is fenced", () -> !one.isPrimary());
    writers.awaitMore(SOME);
    assertComplete(two);
  }
}
