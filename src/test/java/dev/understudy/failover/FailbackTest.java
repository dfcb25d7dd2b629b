package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.MASTER2;
import static dev.understudy.failover.Cast.ZERO;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.upSince;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the role goes back to a better rank that returned. Times are seconds after ZERO. */
class FailbackTest {
  private static final Pool IMMEDIATE = pool(Policy.IMMEDIATE);
  private static final Pool DELAYED = pool(Policy.DELAYED);

  @Test
  void immediate_gives_the_role_back_at_once() {
    Choice.Switch change = switched(look(IMMEDIATE, serving(BACKUP), at(100), at(100)));

    assertThat(change.to()).isEqualTo(MASTER);
    assertThat(change.reason()).isEqualTo(SwitchReason.FAILBACK);
    assertThat(change.evidence()).isEqualTo("master: UP (2 good probes in a row)");
    assertThat(change.roleState())
        .isEqualTo(new RoleState(MASTER, 8, null, 1, at(100), RoleMemory.NONE));
  }

  @Test
  void delayed_waits_for_unbroken_up_time_and_says_when_to_look_again() {
    assertThat(look(DELAYED, serving(BACKUP), at(100), at(129.999)))
        .isEqualTo(new Choice.Stay(serving(BACKUP), at(130)));
    assertThat(switched(look(DELAYED, serving(BACKUP), at(100), at(130))).reason())
        .isEqualTo(SwitchReason.FAILBACK);
    assertThat(look(DELAYED, serving(BACKUP), at(125), at(130)))
        .as("it was DOWN in between")
        .isEqualTo(new Choice.Stay(serving(BACKUP), at(155)));
  }

  @Test
  void delayed_takes_the_first_of_better_rank_whose_time_has_come() {
    Map<ServerId, Candidate> view =
        Map.of(BACKUP, upSince(at(0)), MASTER, upSince(at(90)), MASTER2, upSince(at(80)));

    assertThat(Failover.choose(DELAYED, view, serving(BACKUP), at(100)).lookAgain())
        .isEqualTo(at(110));
    assertThat(switched(Failover.choose(DELAYED, view, serving(BACKUP), at(110))).to())
        .isEqualTo(MASTER2);
    assertThat(switched(Failover.choose(DELAYED, view, serving(BACKUP), at(120))).to())
        .isEqualTo(MASTER);
  }

  @Test
  void manual_never_gives_the_role_back() {
    assertThat(look(pool(Policy.MANUAL), serving(BACKUP), at(0), at(1_000_000)))
        .isEqualTo(new Choice.Stay(serving(BACKUP), null));
  }

  @Test
  void a_pool_whose_breakers_are_all_open_does_not_fail_back() {
    Map<ServerId, Candidate> view = Cast.view(MASTER, Look.OPEN, BACKUP, Look.OPEN);

    assertThat(Failover.choose(IMMEDIATE, view, serving(BACKUP), at(100)))
        .isEqualTo(new Choice.Stay(serving(BACKUP), null));
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
    Pool pool = pool(TestSettings.failback(policy, Duration.ofSeconds(after)));
    RoleState roleState = new RoleState(BACKUP, 7, null, before, at(-10), RoleMemory.NONE);

    if (wait > 0) {
      assertThat(look(pool, roleState, at(0), at(wait - 0.001)))
          .isEqualTo(new Choice.Stay(roleState, at(wait)));
    }
    Choice.Switch change = switched(look(pool, roleState, at(0), at(wait)));
    assertThat(change.roleState())
        .isEqualTo(new RoleState(MASTER, 8, null, before + 1, at(wait), RoleMemory.NONE));
    assertThat(change.evidence().contains("damped")).isEqualTo(before > 0);
  }

  @Test
  void the_event_says_that_a_failback_was_damped() {
    RoleState roleState = new RoleState(BACKUP, 7, null, 2, at(-10), RoleMemory.NONE);

    assertThat(switched(look(IMMEDIATE, roleState, at(0), at(41))).evidence())
        .isEqualTo(
            "master: UP for 41 s (2 good probes in a row); damped: 2 failbacks shortly before, so"
                + " it had to be UP for 40 s");
  }

  @Test
  void ten_minutes_after_the_last_failback_the_policy_alone_holds_again() {
    RoleState roleState = new RoleState(BACKUP, 7, null, 4, at(0), RoleMemory.NONE);

    assertThat(look(IMMEDIATE, roleState, at(599), at(599.5)))
        .isEqualTo(new Choice.Stay(roleState, at(600)));
    Choice.Switch change = switched(look(IMMEDIATE, roleState, at(599), at(600)));
    assertThat(change.roleState().failbacks()).isEqualTo(1);
    assertThat(change.evidence()).doesNotContain("damped");
    assertThat(look(DELAYED, roleState, at(599), at(600)))
        .as("the policy's own wait")
        .isEqualTo(new Choice.Stay(roleState, at(629)));
  }

  @Test
  void a_failback_recorded_in_the_future_damps_nothing() {
    RoleState roleState = new RoleState(BACKUP, 7, null, 4, at(10_000), RoleMemory.NONE);

    assertThat(switched(look(IMMEDIATE, roleState, at(0), at(0))).roleState().failbacks())
        .isEqualTo(1);
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

  private static Choice look(Pool pool, RoleState roleState, Instant masterUpSince, Instant now) {
    Map<ServerId, Candidate> view = Map.of(MASTER, upSince(masterUpSince), BACKUP, upSince(at(0)));
    return Failover.choose(pool, view, roleState, now);
  }

  private static Choice.Switch switched(Choice choice) {
    assertThat(choice).isInstanceOf(Choice.Switch.class);
    return (Choice.Switch) choice;
  }

  private static Instant at(double seconds) {
    return ZERO.plusMillis(Math.round(seconds * 1_000));
  }
}
