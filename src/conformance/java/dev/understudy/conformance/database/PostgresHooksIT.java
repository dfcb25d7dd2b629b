package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.conformance.database.PostgresHooks.Ended;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The hooks of {@code deploy/postgresql} at a pair with streaming replication, {@code db-1} being
 * the primary, in calls as Understudy makes them.
 */
class PostgresHooksIT {
  private static final int TOO_OLD = 3;
  private static final int WRONG_VARIABLE = 64;

  @TempDir private Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Map<String, String> more = new HashMap<>();
  private PostgresHooks hooks;
  private PostgresServer one;
  private PostgresServer two;

  @BeforeEach
  void start() throws Exception {
    one = PostgresServer.primary("127.0.0.1", Ports.free());
    open.add(one);
    one.execute("CREATE TABLE writes (number bigint)");
    two = one.standby("127.0.0.2", Ports.free());
    open.add(two);
    hooks = new PostgresHooks(folder);
    hooks.connect("db-1", one);
    hooks.connect("db-2", two);
    Await.until(
        "the standby follows",
        () -> one.query("SELECT state FROM pg_stat_replication").equals(List.of("streaming")));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  /**
   * Makes a call.
   *
   * @param call hook, server and epoch, followed by {@code planned} in a switch from {@code db-1}
   *     to {@code db-2}
   */
  private Ended call(String call) throws Exception {
    String[] words = call.strip().split(" ");
    Map<String, String> variables = new HashMap<>();
    variables.put("UNDERSTUDY_SERVER", words[1]);
    variables.put("UNDERSTUDY_FROM", "db-1");
    variables.put("UNDERSTUDY_TO", "db-2");
    variables.put("UNDERSTUDY_EPOCH", words[2]);
    variables.put("UNDERSTUDY_PLANNED", String.valueOf(words.length > 3));
    variables.putAll(more);
    return hooks.call(words[0], variables);
  }

  private CompletableFuture<Ended> begin(String call) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return call(call);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private void succeeds(String call) throws Exception {
    Ended ended = call(call);
    assertThat(ended.status()).as(call + ": " + ended.output()).isZero();
  }

  private void fails(String call, int status, String why) throws Exception {
    Ended ended = call(call);
    assertThat(ended.output()).contains(why);
    assertThat(ended.status()).as(call + ": " + ended.output()).isEqualTo(status);
  }

  private static String state(PostgresServer server) {
    try {
      return server.query("SELECT pg_is_in_recovery()").equals(List.of("t"))
          ? "standby"
          : "primary";
    } catch (SQLException e) {
      return "stopped";
    }
  }

  private void awaitStates(String first, String second) {
    Await.until(
        "db-1 is " + first + ", db-2 " + second,
        () -> state(one).equals(first) && state(two).equals(second));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          promote of a primary is done       | promote db-1 6 = 0                        | primary | standby
          demote of a standby is done        | demote db-2 6 = 0                         | primary | standby
          a failover                         | demote db-1 6 = 0, promote db-2 6 = 0     | stopped | primary
          the same epoch again               | demote db-1 6 = 0, promote db-2 6 = 0, \
          demote db-1 6 = 0, promote db-2 6 = 0                                          | stopped | primary
          a late demote                      | demote db-1 6 = 0, promote db-2 6 = 0, \
          demote db-2 5 = 3                                                              | stopped | primary
          a late demote, more digits         | promote db-1 10 = 0, demote db-1 9 = 3    | primary | standby
          a late promote                     | demote db-1 6 = 0, promote db-1 5 = 3     | stopped | standby
          both in one epoch                  | demote db-1 6 = 0, promote db-1 6 = 3     | stopped | standby
          an epoch of a clock's milliseconds | promote db-1 1796138704123 = 0, \
          demote db-1 1796138704122 = 3                                                  | primary | standby
          by hand                            | demote db-1 6 = 0, promote db-1 by-hand = 0, \
          promote db-1 5 = 3                                                             | primary | standby
          by hand, what Understudy undoes    | demote db-1 6 = 0, promote db-1 by-hand = 0, \
          demote db-1 6 = 0                                                              | stopped | standby
          a planned switch                   | demote db-1 6 planned = 0, \
          promote db-2 6 planned = 0                                                     | standby | primary
          a rollback before the promotion    | demote db-1 6 planned = 0, \
          promote db-1 7 planned = 0, demote db-1 6 planned = 3                          | primary | standby
          a rollback after the promotion     | demote db-1 6 planned = 0, \
          promote db-2 6 planned = 0, promote db-1 7 planned = 0, promote db-2 6 planned = 3, \
          demote db-1 6 planned = 3                                                      | primary | stopped
          a late rollback                    | demote db-1 6 planned = 0, \
          promote db-2 6 planned = 0, promote db-2 9 = 0, promote db-1 7 planned = 3     | standby | primary
          """)
  void calls_count_by_their_epoch(String name, String calls, String first, String second)
      throws Exception {
    for (String each : calls.split(",")) {
      String[] row = each.split("=");
      Ended ended = call(row[0]);
      assertThat(ended.status())
          .as(row[0] + ": " + ended.output())
          .isEqualTo(Integer.parseInt(row[1].strip()));
    }
    awaitStates(first, second);
  }

  @Test
  void garbage_for_an_epoch_changes_nothing() throws Exception {
    for (String epoch :
        List.of("x", "0", "-1", "06", "1e3", "6;true", "$(true)", "1000000000000000000")) {
      fails("demote db-1 " + epoch, WRONG_VARIABLE, "UNDERSTUDY_EPOCH: expected");
      fails("promote db-2 " + epoch, WRONG_VARIABLE, "found \"" + epoch + "\"");
    }
    awaitStates("primary", "standby");
  }

  @Test
  void without_an_epoch_nothing_changes_and_by_hand_it_is_said_how_it_works() throws Exception {
    Map<String, String> variables = Map.of("UNDERSTUDY_SERVER", "db-1", "UNDERSTUDY_EPOCH", "");
    Ended ended = hooks.call("demote", variables);
    assertThat(ended.status()).isEqualTo(WRONG_VARIABLE);
    assertThat(ended.output()).contains("Understudy runs this program", "by-hand");
    awaitStates("primary", "standby");

    hooks.call("promote", Map.of("UNDERSTUDY_SERVER", "db-2", "UNDERSTUDY_EPOCH", "by-hand"));
    awaitStates("primary", "primary");
  }

  @Test
  void a_damaged_record_of_the_epoch_changes_nothing() throws Exception {
    Files.writeString(one.home().resolve("data.epoch"), "");
    fails("demote db-1 6", 1, "data.epoch: expected an epoch");
    awaitStates("primary", "standby");
  }

  @Test
  void a_base_backup_or_rewind_of_the_data_keeps_the_epoch() throws Exception {
    succeeds("demote db-2 6");
    assertThat(two.home().resolve("data.epoch")).exists();
    assertThat(two.home().resolve("data")).isDirectoryNotContaining("glob:**epoch*");
  }

  @Test
  void a_call_waits_for_another_one_at_its_server_and_then_looks_at_its_epoch() throws Exception {
    succeeds("promote db-1 6");
    more.put("PATIENCE_SECONDS", "0");
    Process other =
        new ProcessBuilder("flock", one.home().resolve("data.epoch.lock").toString(), "cat")
            .start();
    open.add(other::destroyForcibly);
    other.getOutputStream().write("locked\n".getBytes(StandardCharsets.UTF_8));
    other.getOutputStream().flush();
    assertThat(other.getInputStream().read()).isEqualTo('l');
    fails("demote db-1 7", 1, "another call runs at this server");
    assertThat(state(one)).isEqualTo("primary");

    more.put("PATIENCE_SECONDS", "60");
    CompletableFuture<Ended> late = begin("demote db-1 5");
    other.getOutputStream().close();
    assertThat(late.get().status()).isEqualTo(TOO_OLD);
    awaitStates("primary", "standby");
  }

  @Test
  void a_demote_whose_wal_does_not_arrive_is_taken_back() throws Exception {
    pauseReplay();
    more.put("PATIENCE_SECONDS", "0");
    fails("demote db-1 6 planned", 1, "db-2 lacks WAL");
    awaitStates("primary", "standby");
  }

  @Test
  void a_demote_that_was_called_for_again_meanwhile_is_not_taken_back() throws Exception {
    hooks.connect(
        "db-2",
        """
        cd %s
        [ -e reached ] || { touch reached; exit 0; }
        until [ -e lost ]; do sleep 0.05; done
        exit 255
        """
            .formatted(folder));
    CompletableFuture<Ended> frozen = begin("demote db-1 6 planned");
    Await.until("it is fenced", () -> state(one).equals("stopped"));
    succeeds("demote db-1 6");
    Files.createFile(folder.resolve("lost"));
    assertThat(frozen.get().output()).contains("was called again meanwhile");
    assertThat(frozen.get().status()).isEqualTo(TOO_OLD);
    awaitStates("stopped", "standby");
  }

  @Test
  void a_primary_that_does_not_answer_is_fenced_but_not_in_a_planned_switch() throws Exception {
    hooks.connect("db-1", "export PGHOST=127.0.0.1 PGPORT=1\ncd " + one.home() + "\n");
    fails("demote db-1 6 planned", 1, "psql");
    awaitStates("primary", "standby");
    succeeds("demote db-1 6");
    awaitStates("stopped", "standby");
  }

  @Test
  void a_server_that_is_to_serve_again_is_not_stopped_first() throws Exception {
    more.put("UNDERSTUDY_TO", "db-1");
    List<String> started = one.query("SELECT pg_postmaster_start_time()");
    succeeds("promote db-1 6");
    assertThat(one.query("SELECT pg_postmaster_start_time()")).isEqualTo(started);
  }

  private void pauseReplay() throws SQLException {
    two.execute("SELECT pg_wal_replay_pause()");
    Await.until(
        "replay is paused",
        () -> two.query("SELECT pg_get_wal_replay_pause_state()").equals(List.of("paused")));
  }

  @Test
  void promote_waits_until_what_was_received_is_replayed() throws Exception {
    pauseReplay();
    one.execute("INSERT INTO writes SELECT generate_series(1, 1000)");
    String written = one.query("SELECT pg_current_wal_lsn()").getFirst();
    Await.until(
        "the standby has received it",
        () ->
            two.query("SELECT pg_last_wal_receive_lsn() >= '" + written + "'")
                .equals(List.of("t")));
    one.kill();
    more.put("PATIENCE_SECONDS", "0");
    fails("promote db-2 6", 1, "does not replay");
    awaitStates("stopped", "standby");

    two.execute("SELECT pg_wal_replay_resume()");
    more.clear();
    succeeds("promote db-2 6");
    awaitStates("stopped", "primary");
    assertThat(two.query("SELECT count(*) FROM writes")).containsExactly("1000");
  }

  @Test
  void a_standby_that_has_heard_nothing_for_long_is_not_promoted_unless_it_lacks_nothing()
      throws Exception {
    two.execute("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'");
    two.execute("SELECT pg_reload_conf()");
    Await.until(
        "nobody follows", () -> one.query("SELECT pid FROM pg_stat_replication").equals(List.of()));
    heardNothingFor(two, Duration.ofHours(1));
    one.execute("INSERT INTO writes VALUES (1)");
    fails("promote db-2 6", 1, "db-2 has heard nothing");
    one.kill();
    fails("promote db-2 6", 1, "may lack commits of db-1");
    hooks.disconnect("db-1");
    fails("promote db-2 6", 1, "UNDERSTUDY_ACCEPT_LOSS=true");
    assertThat(state(two)).isEqualTo("standby");

    more.put("UNDERSTUDY_ACCEPT_LOSS", "true");
    succeeds("promote db-2 by-hand");
    more.clear();
    succeeds("promote db-2 6");
    awaitStates("stopped", "primary");
  }

  @Test
  void an_idle_pair_is_switched_if_the_old_primary_can_be_asked() throws Exception {
    succeeds("demote db-1 6");
    heardNothingFor(two, Duration.ofHours(1));
    succeeds("promote db-2 6");
    awaitStates("stopped", "primary");
  }

  /** As if what it received were that old. */
  private static void heardNothingFor(PostgresServer server, Duration time) throws IOException {
    FileTime then = FileTime.from(Instant.now().minus(time));
    try (Stream<Path> files = Files.list(server.home().resolve("data/pg_wal"))) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, then);
      }
    }
  }
}
