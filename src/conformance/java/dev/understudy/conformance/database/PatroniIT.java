package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.EtcdServer;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader and a replica of Patroni with etcd, as {@code deploy/recipes/patroni.md} has them.
 * Clients write all the time.
 */
class PatroniIT {
  private static final int CLIENTS = 2;
  private static final int SOME = 50;
  private static final String READ_ONLY = "25006";
  private static final String ANY = "/replica";
  private static final String SYNCHRONOUS = "/synchronous";

  /** The shortest times that Patroni takes. */
  private static final String TIMES =
      """
      ttl: 20
      loop_wait: 5
      retry_timeout: 5
      """;

  @TempDir private Path folder;

  /** Writes that met a replica. */
  private final AtomicInteger refused = new AtomicInteger();

  private EtcdServer etcd;
  private PatroniMember one;
  private PatroniMember two;
  private Recipe recipe;
  private Writers writers;

  /**
   * Starts the cluster with db-1 as its leader.
   *
   * @param more settings of the cluster
   */
  private void start(String more) throws Exception {
    etcd = EtcdServer.start(folder);
    int checks = Ports.free();
    one = PatroniMember.prepare("db-1", "127.0.0.1", checks, etcd.url(), TIMES + more);
    two = PatroniMember.prepare("db-2", "127.0.0.2", checks, etcd.url(), TIMES + more);
    one.start();
    Await.until("db-1 leads", () -> one.status("/primary") == 200);
    one.execute("CREATE TABLE writes (number bigint PRIMARY KEY)");
    two.start();
    awaitReplica(two, one, more.isEmpty() ? ANY : SYNCHRONOUS);
    recipe =
        Recipe.start(
            folder,
            "patroni.md",
            Map.of(
                "db-1.internal:5432", one.database(),
                "db-2.internal:5432", two.database(),
                "port: 8008", "port: " + checks));
    recipe.awaitServing("db-1");
    recipe.awaitVerdict("db-2", "DOWN", "status 503");
    writers = new Writers(CLIENTS, this::session);
    writers.awaitMore(SOME);
  }

  /** Waits until a replica follows, and Patroni has it as synchronous if it shall be. */
  private static void awaitReplica(PatroniMember replica, PatroniMember leader, String path) {
    Await.until(
        "a replica follows",
        () ->
            replica.status(path) == 200
                && leader
                    .query("SELECT state FROM pg_stat_replication")
                    .equals(List.of("streaming")));
  }

  private Writers.Session session() throws SQLException {
    Connection connection = PostgresServer.connect("127.0.0.1", recipe.port());
    PreparedStatement insert = connection.prepareStatement("INSERT INTO writes VALUES (?)");
    return new Writers.Session() {
      @Override
      public void write(long number) throws SQLException {
        insert.setLong(1, number);
        try {
          insert.executeUpdate();
        } catch (SQLException e) {
          if (READ_ONLY.equals(e.getSQLState())) {
            refused.incrementAndGet();
          }
          throw e;
        }
      }

      @Override
      public void close() throws SQLException {
        connection.close();
      }
    };
  }

  private void awaitServedBy(String server) {
    recipe.awaitServing(server);
    writers.awaitMore(SOME);
  }

  private void awaitNobody() {
    Await.until("nobody serves", () -> !recipe.serves("db-1") && !recipe.serves("db-2"));
  }

  /** Ends the writing; the acknowledged numbers that a member lacks. */
  private Set<Long> lost(PatroniMember member) throws Exception {
    writers.close();
    Set<Long> lost =
        writers.written().stream().map(Writers.Written::number).collect(Collectors.toSet());
    member.query("SELECT number FROM writes").stream().map(Long::valueOf).forEach(lost::remove);
    System.out.printf(
        "acknowledged %d, failed %d, lost %d, longest gap %d ms%n",
        writers.written().size(), writers.failures(), lost.size(), writers.longestGapMillis());
    return lost;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {writers, recipe, two, one, etcd}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Test
  void a_switchover_and_a_killed_leader_lose_nothing_and_no_write_meets_a_replica()
      throws Exception {
    start("synchronous_mode: true");
    two.delayPromotion();
    one.control("switchover", "--leader", "db-1", "--candidate", "db-2", "--force");
    Await.until("db-2 has the lock", () -> two.status("/primary") == 200);
    recipe.awaitVerdict("db-2", "DOWN", "body does not match");
    assertThat(two.isReplica()).isTrue();
    two.promotable();
    awaitServedBy("db-2");
    recipe.awaitVerdict("db-1", "DOWN", "status 503");
    awaitReplica(one, two, SYNCHRONOUS);

    two.kill();
    awaitNobody();
    awaitServedBy("db-1");
    two.start();
    awaitReplica(two, one, SYNCHRONOUS);
    recipe.awaitVerdict("db-2", "DOWN", "status 503");
    writers.awaitMore(SOME);
    assertThat(recipe.serves("db-1")).isTrue();
    assertThat(recipe.hasEvent("two-primaries")).isFalse();
    assertThat(lost(one)).isEmpty();
    assertThat(refused).hasValue(0);
  }

  @Test
  @Tag(Extent.SLOW)
  void what_is_written_directly_to_a_leader_that_froze_is_lost_and_it_comes_back_as_a_replica()
      throws Exception {
    start("");
    one.freeze();
    recipe.awaitServing("db-2");
    long switched = writers.newest();
    writers.awaitMore(SOME);

    one.thawDatabase();
    one.execute("INSERT INTO writes VALUES (-1)");
    one.thawPatroni();
    Await.until("db-1 follows", one::isReplica);
    awaitReplica(one, two, ANY);
    assertThat(one.query("SELECT number FROM writes WHERE number < 0")).isEmpty();
    recipe.awaitVerdict("db-1", "DOWN", "status 503");
    writers.awaitMore(SOME);
    assertThat(recipe.serves("db-2")).isTrue();
    assertThat(recipe.hasEvent("two-primaries")).isFalse();
    assertThat(lost(two)).allMatch(number -> number <= switched);
    assertThat(refused).hasValue(0);
  }

  @Test
  @Tag(Extent.SLOW)
  void nothing_is_lost_when_patroni_dies_and_its_postgresql_goes_on() throws Exception {
    start("");
    one.killPatroni();
    awaitNobody();
    long last = writers.newest();
    assertThat(one.isPrimary()).isTrue();
    awaitServedBy("db-2");
    assertThat(one.isPrimary()).isTrue();
    assertThat(one.query("SELECT number FROM writes WHERE number > " + last)).isEmpty();

    one.start();
    awaitReplica(one, two, ANY);
    recipe.awaitVerdict("db-1", "DOWN", "status 503");
    assertThat(recipe.serves("db-2")).isTrue();
    assertThat(recipe.hasEvent("two-primaries")).isFalse();
    assertThat(lost(two)).isEmpty();
    assertThat(refused).hasValue(0);
  }

  @Test
  @Tag(Extent.SLOW)
  void without_etcd_nobody_serves_unless_the_members_agree_by_themselves() throws Exception {
    start("");
    etcd.kill();
    awaitNobody();
    Await.until("db-1 is demoted", one::isReplica);
    etcd.startAgain();
    Await.until("one of them serves", () -> recipe.serves("db-1") || recipe.serves("db-2"));
    writers.awaitMore(SOME);

    one.control("edit-config", "--force", "--set", "failsafe_mode=true");
    Await.until(
        "the leader has written its members",
        () -> etcd.ctl("get", "/service/recipe/failsafe").contains("db-2"));
    etcd.kill();
    Await.until(
        "the leader asks its members",
        () -> (one.report() + two.report()).contains("\"failsafe_mode_is_active\": true"));
    writers.awaitMore(SOME);
    assertThat(recipe.serves("db-1") || recipe.serves("db-2")).isTrue();
    assertThat(lost(recipe.serves("db-1") ? one : two)).isEmpty();
  }
}
