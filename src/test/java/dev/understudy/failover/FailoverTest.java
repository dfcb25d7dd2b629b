package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.BACKUP2;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.MASTER2;
import static dev.understudy.failover.Cast.ZERO;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.view;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Who serves: every pair of what a master and a backup can be like, and who served before. */
class FailoverTest {
  private static final Pool POOL = pool(Policy.IMMEDIATE);
  private static final Instant NOW = ZERO.plusSeconds(3_600);

  private static final Look[] OTHERS = {
    Look.UP, Look.UNKNOWN, Look.OPEN, Look.DOWN, Look.SICK, Look.DRAIN, Look.MAINTENANCE, Look.GONE
  };

  // Cells: "." the server stays; "backup" or "master" serves next, for the reason of the last
  // column; "-" nobody serves, for NO_SERVER.

  @ParameterizedTest(name = "master {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          #                |   UP   | UNKN | OPEN   | DOWN | SICK | DRN | MNT | GONE | reason
          UNKNOWN          | .      | .    | .      | .    | .    | .   | .   | .    | -
          UP               | .      | .    | .      | .    | .    | .   | .   | .    | -
          OPEN             | backup | .    | .      | .    | .    | .   | .   | .    | CIRCUIT_OPEN
          DOWN             | backup | .    | backup | -    | -    | -   | -   | -    | HEALTH_CHECK_FAILED
          SICK             | backup | .    | backup | .    | .    | .   | .   | .    | HEALTH_CHECK_FAILED
          REFUSING         | backup | .    | backup | -    | -    | -   | -   | -    | CONNECTION_FAILED
          DRAIN            | backup | -    | backup | -    | -    | -   | -   | -    | OPERATOR
          MAINTENANCE      | backup | -    | backup | -    | -    | -   | -   | -    | OPERATOR
          SICK_MAINTENANCE | backup | -    | backup | -    | -    | -   | -   | -    | OPERATOR
          CHANGED          | backup | -    | backup | -    | -    | -   | -   | -    | CONFIGURATION
          CHANGED_UP       | .      | .    | .      | .    | .    | .   | .   | .    | -
          GONE             | backup | -    | backup | -    | -    | -   | -   | -    | CONFIGURATION
          """)
  void while_the_master_serves(
      Look master,
      String up,
      String unknown,
      String open,
      String down,
      String sick,
      String drain,
      String maintenance,
      String gone,
      String reason) {
    String[] cells = {up, unknown, open, down, sick, drain, maintenance, gone};
    for (int i = 0; i < OTHERS.length; i++) {
      check(serving(MASTER), view(MASTER, master, BACKUP, OTHERS[i]), cells[i], reason, OTHERS[i]);
    }
  }

  @ParameterizedTest(name = "backup {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          #                |   UP   | UNKN | OPEN   | DOWN | SICK | DRN | MNT | GONE | reason
          UNKNOWN          | .      | .    | .      | .    | .    | .   | .   | .    | -
          UP               | master | .    | .      | .    | .    | .   | .   | .    | FAILBACK
          OPEN             | master | .    | .      | .    | .    | .   | .   | .    | CIRCUIT_OPEN
          DOWN             | master | .    | master | -    | -    | -   | -   | -    | HEALTH_CHECK_FAILED
          SICK             | master | .    | master | .    | .    | .   | .   | .    | HEALTH_CHECK_FAILED
          REFUSING         | master | .    | master | -    | -    | -   | -   | -    | CONNECTION_FAILED
          DRAIN            | master | -    | master | -    | -    | -   | -   | -    | OPERATOR
          MAINTENANCE      | master | -    | master | -    | -    | -   | -   | -    | OPERATOR
          SICK_MAINTENANCE | master | -    | master | -    | -    | -   | -   | -    | OPERATOR
          CHANGED          | master | -    | master | -    | -    | -   | -   | -    | CONFIGURATION
          CHANGED_UP       | master | .    | .      | .    | .    | .   | .   | .    | CONFIGURATION
          GONE             | master | -    | master | -    | -    | -   | -   | -    | CONFIGURATION
          """)
  void while_the_backup_serves(
      Look backup,
      String up,
      String unknown,
      String open,
      String down,
      String sick,
      String drain,
      String maintenance,
      String gone,
      String reason) {
    String[] cells = {up, unknown, open, down, sick, drain, maintenance, gone};
    for (int i = 0; i < OTHERS.length; i++) {
      check(serving(BACKUP), view(BACKUP, backup, MASTER, OTHERS[i]), cells[i], reason, OTHERS[i]);
    }
  }

  @ParameterizedTest(name = "master {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          #                | UP     | UNKNOWN| OPEN   | DOWN   | SICK   | DRAIN  | MAINT  | GONE
          UNKNOWN          | .      | .      | .      | .      | .      | .      | .      | .
          UP               | master | master | master | master | master | master | master | master
          OPEN             | backup | master | master | master | master | master | master | master
          DOWN             | backup | .      | backup | .      | .      | .      | .      | .
          SICK             | backup | .      | backup | .      | .      | .      | .      | .
          REFUSING         | backup | .      | backup | .      | .      | .      | .      | .
          DRAIN            | backup | .      | backup | .      | .      | .      | .      | .
          MAINTENANCE      | backup | .      | backup | .      | .      | .      | .      | .
          SICK_MAINTENANCE | backup | .      | backup | .      | .      | .      | .      | .
          CHANGED          | .      | .      | .      | .      | .      | .      | .      | .
          CHANGED_UP       | master | master | master | master | master | master | master | master
          GONE             | backup | .      | backup | .      | .      | .      | .      | .
          """)
  void while_no_server_serves(
      Look master,
      String up,
      String unknown,
      String open,
      String down,
      String sick,
      String drain,
      String maintenance,
      String gone) {
    String[] cells = {up, unknown, open, down, sick, drain, maintenance, gone};
    for (int i = 0; i < OTHERS.length; i++) {
      Map<ServerId, Candidate> view = view(MASTER, master, BACKUP, OTHERS[i]);
      check(RoleState.NONE, view, cells[i], "INITIAL", OTHERS[i]);
      check(
          new RoleState(null, 4, null, 0, null, RoleMemory.NONE),
          view,
          cells[i],
          "RECOVERED",
          OTHERS[i]);
    }
  }

  private static void check(
      RoleState before, Map<ServerId, Candidate> view, String cell, String reason, Look other) {
    Choice choice = Failover.choose(POOL, view, before, NOW);
    Choice expected =
        switch (cell) {
          case "." -> new Choice.Stay(before, null);
          case "-" -> change(before, null, SwitchReason.NO_SERVER, choice);
          default -> change(before, new ServerId(cell), SwitchReason.valueOf(reason), choice);
        };
    assertThat(choice).as("other %s", other).isEqualTo(expected);
  }

  /** All but the evidence, which is checked for being there. */
  private static Choice change(RoleState before, ServerId to, SwitchReason reason, Choice found) {
    String evidence = found instanceof Choice.Switch change ? change.evidence() : "none";
    assertThat(evidence).isNotBlank();
    boolean failback = reason == SwitchReason.FAILBACK;
    return new Choice.Switch(
        new RoleState(
            to, before.epoch() + 1, null, failback ? 1 : 0, failback ? NOW : null, RoleMemory.NONE),
        null,
        before.serving(),
        to,
        reason,
        evidence);
  }

  @Test
  void best_is_by_rank_and_then_by_the_order_in_the_file() {
    Map<ServerId, Candidate> all =
        view(BACKUP, Look.UP, BACKUP2, Look.UP, MASTER, Look.UP, MASTER2, Look.UP);

    assertThat(Failover.usable(POOL, all)).containsExactly(MASTER, MASTER2, BACKUP, BACKUP2);
    assertThat(Failover.choose(POOL, all, RoleState.NONE, NOW).roleState().serving())
        .isEqualTo(MASTER);
    all.put(MASTER, Cast.candidate(Look.DOWN));
    assertThat(Failover.choose(POOL, all, serving(MASTER), NOW).roleState().serving())
        .isEqualTo(MASTER2);
    all.put(MASTER2, Cast.candidate(Look.DRAIN));
    assertThat(Failover.choose(POOL, all, serving(MASTER), NOW).roleState().serving())
        .isEqualTo(BACKUP);
  }

  @Test
  void an_equal_that_is_preferred_gets_no_failback() {
    Choice choice =
        Failover.choose(POOL, view(MASTER, Look.UP, MASTER2, Look.UP), serving(MASTER2), NOW);

    assertThat(choice).isEqualTo(new Choice.Stay(serving(MASTER2), null));
  }

  @Test
  void a_start_waits_only_for_the_first_probes_of_servers_that_are_preferred() {
    Map<ServerId, Candidate> view = view(MASTER, Look.DOWN, MASTER2, Look.UP, BACKUP, Look.UNKNOWN);

    assertThat(Failover.choose(POOL, view, RoleState.NONE, NOW).roleState().serving())
        .isEqualTo(MASTER2);
  }

  @Test
  void open_breakers_alone_take_no_server_out_of_use() {
    assertThat(
            Failover.usable(POOL, view(MASTER, Look.OPEN, BACKUP, Look.OPEN, BACKUP2, Look.DOWN)))
        .containsExactly(MASTER, BACKUP);
    assertThat(Failover.usable(POOL, view(MASTER, Look.OPEN, BACKUP, Look.UP)))
        .containsExactly(BACKUP);
    assertThat(Failover.usable(POOL, view(MASTER, Look.DOWN, BACKUP, Look.DRAIN))).isEmpty();
  }

  @Test
  void evidence_names_the_server_and_what_it_did() {
    assertThat(evidence(Look.REFUSING)).isEqualTo("master: evidence of REFUSING");
    assertThat(evidence(Look.OPEN)).isEqualTo("master: circuit breaker open");
    assertThat(evidence(Look.DRAIN)).isEqualTo("an operator set master to drain");
    assertThat(evidence(Look.CHANGED)).isEqualTo("master was changed by a new file");
    assertThat(evidence(Look.GONE)).isEqualTo("master is no longer in the pool");
  }

  @Test
  void evidence_for_nobody_says_why_not_even_the_one_before() {
    assertThat(evidence(Look.REFUSING, Look.DOWN))
        .isEqualTo("master: evidence of REFUSING; it does not respond; no other server is usable");
    assertThat(evidence(Look.DRAIN, Look.DOWN))
        .isEqualTo("an operator set master to drain; no other server is usable");
    assertThat(evidence(Look.CHANGED, Look.DOWN))
        .isEqualTo("master was changed by a new file; no other server is usable");
  }

  private static String evidence(Look master) {
    return evidence(master, Look.UP);
  }

  private static String evidence(Look master, Look backup) {
    Choice choice =
        Failover.choose(POOL, view(MASTER, master, BACKUP, backup), serving(MASTER), NOW);
    return ((Choice.Switch) choice).evidence();
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void a_balance_pool_has_no_serving_server(Look look) {
    Pool balance = pool(PoolMode.BALANCE, FailbackSettings.DEFAULT, MASTER, BACKUP);
    Map<ServerId, Candidate> view = view(MASTER, look, BACKUP, Look.UP);

    assertThat(Failover.choose(balance, view, RoleState.NONE, NOW))
        .isEqualTo(new Choice.Stay(RoleState.NONE, null));
    assertThat(Failover.switchTo(balance, view, RoleState.NONE, BACKUP)).isEmpty();
  }

  @Test
  void a_pool_that_becomes_a_balance_pool_gives_up_its_serving_server() {
    Pool balance = pool(PoolMode.BALANCE, FailbackSettings.DEFAULT, MASTER, BACKUP);

    assertThat(Failover.choose(balance, view(MASTER, Look.UP), serving(MASTER), NOW))
        .isInstanceOfSatisfying(
            Choice.Switch.class,
            change -> {
              assertThat(change.to()).isNull();
              assertThat(change.reason()).isEqualTo(SwitchReason.CONFIGURATION);
              assertThat(change.roleState().epoch()).isEqualTo(8);
            });
  }

  @ParameterizedTest
  @CsvSource({"SICK, false", "DOWN, true"})
  void a_tcp_server_whose_probe_responded_badly_waits_for_no_successor(Look look, boolean stays) {
    Choice choice =
        Failover.choose(
            Cast.tcp(pool(Policy.IMMEDIATE)),
            view(MASTER, look, BACKUP, Look.UNKNOWN),
            serving(MASTER),
            ZERO);
    assertThat(choice instanceof Choice.Stay).isEqualTo(stays);
  }

  @Test
  void a_tcp_server_whose_check_fails_is_left_although_nobody_else_is_usable() {
    Choice choice =
        Failover.choose(
            Cast.tcp(pool(Policy.IMMEDIATE)),
            view(MASTER, Look.SICK, BACKUP, Look.DOWN),
            serving(MASTER),
            ZERO);
    assertThat(choice).isInstanceOf(Choice.Switch.class);
    assertThat(((Choice.Switch) choice).to()).isNull();
    assertThat(((Choice.Switch) choice).reason()).isEqualTo(SwitchReason.NO_SERVER);
    assertThat(((Choice.Switch) choice).evidence())
        .isEqualTo("master: evidence of SICK; no other server is usable");
  }
}
