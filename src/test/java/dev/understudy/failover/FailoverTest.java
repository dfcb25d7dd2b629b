package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.MASTER;
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
import dev.understudy.testing.Rows;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who serves: every pair of what a master and a backup can be like, and who served before. */
class FailoverTest {
  private static final Pool POOL = pool(Policy.IMMEDIATE);
  private static final Instant NOW = ZERO.plusSeconds(3_600);

  private static final Look[] OTHERS = {
    Look.UP,
    Look.UNKNOWN,
    Look.OPEN,
    Look.DOWN,
    Look.SICK,
    Look.DRAIN,
    Look.MAINTENANCE,
    Look.GONE,
    Look.LATE
  };

  // Who serves, what it is like (of nobody: what the master is like), what becomes of it for each
  // look of the other one, and why. "." the server stays; "backup" or "master" serves next, for
  // the reason of the last column; "-" nobody serves, for NO_SERVER.
  @Rows(
      """
      // serves | look          | UP     UNKN   OPEN   DOWN   SICK   DRAIN  MAINT  GONE   LATE   | reason
      master | UNKNOWN          | .      .      .      .      .      .      .      .      .      | -
      master | UP               | .      .      .      .      .      .      .      .      .      | -
      master | OPEN             | backup .      .      .      .      .      .      .      .      | CIRCUIT_OPEN
      master | DOWN             | backup .      backup -      -      -      -      -      backup | HEALTH_CHECK_FAILED
      master | SICK             | backup .      backup .      .      .      .      .      backup | HEALTH_CHECK_FAILED
      master | REFUSING         | backup .      backup -      -      -      -      -      backup | CONNECTION_FAILED
      master | DRAIN            | backup -      backup -      -      -      -      -      backup | OPERATOR
      master | MAINTENANCE      | backup -      backup -      -      -      -      -      backup | OPERATOR
      master | SICK_MAINTENANCE | backup -      backup -      -      -      -      -      backup | OPERATOR
      master | CHANGED          | backup -      backup -      -      -      -      -      backup | CONFIGURATION
      master | CHANGED_UP       | .      .      .      .      .      .      .      .      .      | -
      master | GONE             | backup -      backup -      -      -      -      -      backup | CONFIGURATION
      master | LATE             | .      .      .      .      .      .      .      .      .      | -
      master | LATE_OPEN        | .      .      .      .      .      .      .      .      .      | -
      master | LATE_DOWN        | backup .      backup -      -      -      -      -      backup | HEALTH_CHECK_FAILED
      backup | UNKNOWN          | .      .      .      .      .      .      .      .      .      | -
      backup | UP               | master .      .      .      .      .      .      .      .      | FAILBACK
      backup | OPEN             | master .      .      .      .      .      .      .      .      | CIRCUIT_OPEN
      backup | DOWN             | master .      master -      -      -      -      -      master | HEALTH_CHECK_FAILED
      backup | SICK             | master .      master .      .      .      .      .      master | HEALTH_CHECK_FAILED
      backup | REFUSING         | master .      master -      -      -      -      -      master | CONNECTION_FAILED
      backup | DRAIN            | master -      master -      -      -      -      -      master | OPERATOR
      backup | MAINTENANCE      | master -      master -      -      -      -      -      master | OPERATOR
      backup | SICK_MAINTENANCE | master -      master -      -      -      -      -      master | OPERATOR
      backup | CHANGED          | master -      master -      -      -      -      -      master | CONFIGURATION
      backup | CHANGED_UP       | master .      .      .      .      .      .      .      .      | CONFIGURATION
      backup | GONE             | master -      master -      -      -      -      -      master | CONFIGURATION
      backup | LATE             | master .      .      .      .      .      .      .      .      | FAILBACK
      backup | LATE_OPEN        | master .      .      .      .      .      .      .      .      | FAILBACK
      backup | LATE_DOWN        | master .      master -      -      -      -      -      master | HEALTH_CHECK_FAILED
      nobody | UNKNOWN          | .      .      .      .      .      .      .      .      .      | -
      nobody | UP               | master master master master master master master master master | -
      nobody | OPEN             | backup master master master master master master master backup | -
      nobody | DOWN             | backup .      backup .      .      .      .      .      backup | -
      nobody | SICK             | backup .      backup .      .      .      .      .      backup | -
      nobody | REFUSING         | backup .      backup .      .      .      .      .      backup | -
      nobody | DRAIN            | backup .      backup .      .      .      .      .      backup | -
      nobody | MAINTENANCE      | backup .      backup .      .      .      .      .      backup | -
      nobody | SICK_MAINTENANCE | backup .      backup .      .      .      .      .      backup | -
      nobody | CHANGED          | .      .      .      .      .      .      .      .      .      | -
      nobody | CHANGED_UP       | master master master master master master master master master | -
      nobody | GONE             | backup .      backup .      .      .      .      .      backup | -
      nobody | LATE             | backup master master master master master master master master | -
      nobody | LATE_OPEN        | backup master backup master master master master master backup | -
      nobody | LATE_DOWN        | backup .      backup .      .      .      .      .      backup | -
      """)
  void every_pair(String serves, Look look, String cells, String reason) {
    ServerId other = serves.equals("backup") ? MASTER : BACKUP;
    ServerId first = serves.equals("backup") ? BACKUP : MASTER;
    String[] each = cells.split(" +", -1);
    for (int i = 0; i < OTHERS.length; i++) {
      Map<ServerId, Candidate> view = view(first, look, other, OTHERS[i]);
      if (serves.equals("nobody")) {
        RoleState before = new RoleState(null, 4, null, 0, null, RoleMemory.NONE);
        check(RoleState.NONE, view, each[i], "INITIAL", OTHERS[i]);
        check(before, view, each[i], "RECOVERED", OTHERS[i]);
      } else {
        check(serving(first), view, each[i], reason, OTHERS[i]);
      }
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

  @Rows(
      """
      the best rank serves first, by the order in the file    | nobody 0  | master=UP master2=UP backup=UP backup2=UP      | INITIAL master 1
      the next of its rank takes over                         | master 7  | master=DOWN master2=UP backup=UP backup2=UP    | HEALTH_CHECK_FAILED master2 8
      then the first of the next rank                         | master 7  | master=DOWN master2=DRAIN backup=UP backup2=UP | HEALTH_CHECK_FAILED backup 8
      an equal that is preferred gets no failback             | master2 7 | master=UP master2=UP                           | stay master2 7
      one whose checks are in time goes before better ranks   | master 7  | master=DOWN master2=LATE backup=UP             | HEALTH_CHECK_FAILED backup 8
      of those whose checks are late the best takes over      | master 7  | master=DOWN master2=LATE backup=LATE           | HEALTH_CHECK_FAILED master2 8
      one whose checks are late goes before one in doubt      | master 7  | master=DOWN master2=DOWN:kept backup=LATE      | HEALTH_CHECK_FAILED backup 8
      of a role that an operator takes away, too              | master 7  | master=DRAIN master2=LATE                      | OPERATOR master2 8
      a start waits for first probes of preferred ones only   | nobody 0  | master=DOWN master2=UP backup=UNKNOWN          | INITIAL master2 1
      """)
  void a_choice_among_several(String row, String state, String seen, String expected) {
    Choice choice = Failover.choose(POOL, view(seen), Cast.roleState(state), NOW);
    assertThat(Cast.text(choice)).isEqualTo(expected);
  }

  @Rows(
      """
      master=UP master2=UP backup=UP backup2=UP | master master2 backup backup2
      master=OPEN backup=OPEN backup2=DOWN      | master backup
      master=OPEN backup=UP                     | backup
      master=LATE backup=UP                     | master backup
      master=OPEN backup=LATE                   | backup
      master=DOWN backup=DRAIN                  | ``
      """)
  void usable_are_all_by_rank_and_order_and_open_ones_if_all_are_open(
      String seen, String expected) {
    assertThat(Failover.usable(POOL, view(seen)).stream().map(ServerId::value).toList())
        .isEqualTo(expected.isEmpty() ? List.of() : List.of(expected.split(" ")));
  }

  @Rows(
      """
      REFUSING | UP   | server master: evidence of REFUSING
      OPEN     | UP   | server master: circuit breaker open
      DRAIN    | UP   | an operator set server master to drain
      CHANGED  | UP   | server master was changed by a new file
      GONE     | UP   | server master is no longer in the pool
      REFUSING | DOWN | server master: evidence of REFUSING; it does not respond; no other server is usable
      REFUSING | LATE | server master: evidence of REFUSING; the checks of server backup are late, but no other server is usable
      GONE     | LATE | server master is no longer in the pool; the checks of server backup are late, but no other server is usable
      DRAIN    | DOWN | an operator set server master to drain; no other server is usable
      CHANGED  | DOWN | server master was changed by a new file; no other server is usable
      """)
  void evidence_names_the_server_and_what_it_did_and_for_nobody_why_not_even_that_one(
      Look master, Look backup, String expected) {
    Choice choice =
        Failover.choose(POOL, view(MASTER, master, BACKUP, backup), serving(MASTER), NOW);
    assertThat(((Choice.Switch) choice).evidence()).isEqualTo(expected);
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

  @Rows(
      """
      SICK | UNKNOWN | server master: evidence of SICK; no other server is usable
      SICK | DOWN    | server master: evidence of SICK; no other server is usable
      DOWN | UNKNOWN |
      """)
  void a_tcp_server_that_responded_badly_is_left_although_nobody_else_is_usable(
      Look master, Look backup, @Nullable String evidence) {
    Choice choice =
        Failover.choose(
            Cast.tcp(POOL), view(MASTER, master, BACKUP, backup), serving(MASTER), ZERO);
    if (evidence == null) {
      assertThat(choice).isInstanceOf(Choice.Stay.class);
    } else {
      assertThat(choice).isEqualTo(change(serving(MASTER), null, SwitchReason.NO_SERVER, choice));
      assertThat(((Choice.Switch) choice).evidence()).isEqualTo(evidence);
    }
  }
}
