package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.at;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.roleState;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.text;
import static dev.understudy.failover.Cast.upSince;
import static dev.understudy.failover.Cast.view;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the role goes back to a better rank that returned. Times are seconds after ZERO. */
class FailbackTest {
  private static final Pool IMMEDIATE = pool(Policy.IMMEDIATE);

  // The policy, who serves, what is seen, and the time; what is chosen, and the evidence.
  @Rows(
      """
      immediate gives the role back at once                  | IMMEDIATE | backup 7         | master=UP@100 backup=UP@0 | 100 | FAILBACK master 8 1@100 | server master: UP (2 good probes in a row)
      delayed waits, and says when to look again             | DELAYED   | backup 7         | master=UP@100 backup=UP@0 | 129.999 | stay backup 7 until 130 |
      delayed gives the role back after its time             | DELAYED   | backup 7         | master=UP@100 backup=UP@0 | 130 | FAILBACK master 8 1@130 |
      delayed wants UP time that is unbroken                 | DELAYED   | backup 7         | master=UP@125 backup=UP@0 | 130 | stay backup 7 until 155 |
      delayed waits for the first of several                 | DELAYED   | backup 7         | master=UP@90 master2=UP@80 backup=UP@0 | 100 | stay backup 7 until 110 |
      delayed takes the first whose time has come            | DELAYED   | backup 7         | master=UP@90 master2=UP@80 backup=UP@0 | 110 | FAILBACK master2 8 1@110 |
      delayed takes the best whose time has come             | DELAYED   | backup 7         | master=UP@90 master2=UP@80 backup=UP@0 | 120 | FAILBACK master 8 1@120 |
      manual never gives the role back                       | MANUAL    | backup 7         | master=UP@0 backup=UP@0   | 1000000 | stay backup 7 |
      a pool whose breakers are all open does not fail back  | IMMEDIATE | backup 7         | master=OPEN backup=OPEN   | 100 | stay backup 7 |
      the event says that a failback was damped              | IMMEDIATE | backup 7 2@-10   | master=UP@0 backup=UP@0   | 41  | FAILBACK master 8 3@41 | server master: UP for 41 s (2 good probes in a row); damped: 2 failbacks shortly before, so the server had to be UP for 40 s
      before ten minutes have passed a failback is damped    | IMMEDIATE | backup 7 4@0     | master=UP@599 backup=UP@0 | 599.5 | stay backup 7 4@0 until 600 |
      ten minutes after the last one it is not               | IMMEDIATE | backup 7 4@0     | master=UP@599 backup=UP@0 | 600 | FAILBACK master 8 1@600 | server master: UP for 1 s (2 good probes in a row)
      ten minutes after the last one the policy holds        | DELAYED   | backup 7 4@0     | master=UP@599 backup=UP@0 | 600 | stay backup 7 4@0 until 629 |
      a failback recorded in the future damps nothing        | IMMEDIATE | backup 7 4@10000 | master=UP@0 backup=UP@0   | 0   | FAILBACK master 8 1@0 |
      immediate, replicas find it fit                        | IMMEDIATE | backup 7         | master=UP@1000:FIT backup=UP | 1000 | FAILBACK master 8 1@1000 |
      immediate, replicas find it not fit                    | IMMEDIATE | backup 7         | master=UP@100:NOT_FIT backup=UP | 1000 | stay backup 7 |
      immediate, by its time                                 | IMMEDIATE | backup 7         | master=UP@1000 backup=UP  | 1000 | FAILBACK master 8 1@1000 |
      delayed, replicas find it fit                          | DELAYED   | backup 7         | master=UP@1000:FIT backup=UP | 1000 | FAILBACK master 8 1@1000 |
      delayed, replicas find it not fit                      | DELAYED   | backup 7         | master=UP@100:NOT_FIT backup=UP | 1000 | stay backup 7 |
      what replicas have not agreed on is not looked at again | DELAYED  | backup 7         | master=UP@1000:NOT_FIT backup=UP | 1000 | stay backup 7 |
      manual, replicas find it fit                           | MANUAL    | backup 7         | master=UP@100:FIT backup=UP | 1000 | stay backup 7 |
      one that is not fit leaves the role to the next        | IMMEDIATE | backup 7         | master=UP@0:NOT_FIT master2=UP@1000:FIT backup=UP | 1000 | FAILBACK master2 8 1@1000 |
      fit does not end a pin                                 | IMMEDIATE | backup 7 pinned  | master=UP@0:FIT backup=UP | 1000 | stay backup 7 pinned |
      a failover needs no fitness                            | DELAYED   | backup 7         | master=UP@1000:NOT_FIT backup=DOWN | 1000 | HEALTH_CHECK_FAILED master 8 |
      one whose failure is doubted is no reason to leave     | IMMEDIATE | backup 7         | master=DOWN:kept backup=UP | 1000 | stay backup 7 |
      it gets the role for want of others                    | IMMEDIATE | backup 7         | master=DOWN:kept backup=DOWN | 1000 | HEALTH_CHECK_FAILED master 8 |
      for want of others alone                               | IMMEDIATE | backup 7         | master=DOWN:kept master2=UP backup=DOWN | 1000 | HEALTH_CHECK_FAILED master2 8 |
      """)
  void a_choice(
      String row,
      String policy,
      String state,
      String seen,
      double now,
      String expected,
      @Nullable String evidence) {
    Choice choice = Failover.choose(pool(policy), view(seen), roleState(state), at(now));
    assertThat(text(choice)).isEqualTo(expected);
    if (evidence != null) {
      assertThat(((Choice.Switch) choice).evidence()).isEqualTo(evidence);
    }
  }

  @ParameterizedTest(name = "{0} after {1} s, {2} failbacks before: {3} s")
  @CsvSource({
    "IMMEDIATE, 30, 0, 0", "IMMEDIATE, 30, 1, 20", "IMMEDIATE, 30, 2, 40",
    "IMMEDIATE, 30, 3, 80", "IMMEDIATE, 30, 4, 160", "IMMEDIATE, 30, 5, 160",
    "IMMEDIATE, 30, 99, 160", "DELAYED, 30, 0, 30", "DELAYED, 30, 1, 60",
    "DELAYED, 30, 2, 120", "DELAYED, 30, 3, 240", "DELAYED, 30, 4, 480",
    "DELAYED, 30, 5, 480", "DELAYED, 4, 0, 4", "DELAYED, 4, 1, 20",
    "DELAYED, 0, 0, 0", "DELAYED, 0, 4, 160"
  })
  void each_failback_in_succession_must_wait_twice_as_long(
      Policy policy, long after, int before, long wait) {
    Pool pool = pool(policy + "/" + after);
    RoleState state = roleState("backup 7 " + before + "@-10");
    Map<ServerId, Candidate> seen = view("master=UP@0 backup=UP@0");
    if (wait > 0) {
      assertThat(Failover.choose(pool, seen, state, at(wait - 0.001)))
          .isEqualTo(new Choice.Stay(state, at(wait)));
    }
    Choice choice = Failover.choose(pool, seen, state, at(wait));
    assertThat(text(choice)).isEqualTo("FAILBACK master 8 " + (before + 1) + "@" + wait);
    assertThat(((Choice.Switch) choice).evidence().contains("damped")).isEqualTo(before > 0);
  }

  @Test
  void a_master_that_comes_and_goes_takes_the_role_ever_more_rarely() {
    RoleState roleState = serving(MASTER);
    StringBuilder seconds = new StringBuilder();
    // UP for 25 s, DOWN for 5 s, for ten minutes.
    for (int s = 0; s < 600; s++) {
      boolean up = s % 30 < 25;
      Candidate master = up ? upSince(at(s - s % 30)) : Cast.candidate(Look.DOWN);
      Choice choice =
          Failover.choose(
              IMMEDIATE, Map.of(MASTER, master, BACKUP, upSince(at(0))), roleState, at(s));
      if (choice instanceof Choice.Switch change && change.reason() == SwitchReason.FAILBACK) {
        seconds.append(s).append(' ');
      }
      roleState = choice.roleState();
    }

    assertThat(seconds.toString()).isEqualTo("30 80 ");
    assertThat(roleState.serving()).isEqualTo(BACKUP);
  }
}
