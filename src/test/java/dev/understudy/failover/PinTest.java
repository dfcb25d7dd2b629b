package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.ZERO;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.roleState;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.text;
import static dev.understudy.failover.Cast.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An operator's switch, and the pin that it leaves. */
class PinTest {
  private static final Pool POOL = pool(Policy.IMMEDIATE);
  private static final Instant NOW = ZERO.plusSeconds(3_600);
  private static final RoleState PINNED =
      new RoleState(BACKUP, 8, BACKUP, 0, null, RoleMemory.NONE);

  // Who serves, what is seen, to which server, and what comes of it.
  @Rows(
      """
      an operator's switch pins its target               | master 7        | master=UP backup=UP      | backup | OPERATOR backup 8 pinned
      a switch to the serving server only pins it        | master 7        | master=UP backup=UP      | master | stay master 7 pinned
      an operator can switch while no server serves      | nobody 0        | master=UNKNOWN backup=UP | backup | OPERATOR backup 1 pinned
      damping survives an operator's switch              | master 7 3@3600 | master=UP backup=UP      | backup | OPERATOR backup 8 pinned 3@3600
      """)
  void an_operators_switch(String row, String state, String seen, ServerId to, String expected) {
    Choice choice = Failover.switchTo(POOL, view(seen), roleState(state), to).orElseThrow();
    assertThat(text(choice)).isEqualTo(expected);
    if (choice instanceof Choice.Switch change) {
      assertThat(change.from()).isEqualTo(roleState(state).serving());
      assertThat(change.to()).isEqualTo(to);
      assertThat(change.evidence())
          .isEqualTo(
              "an operator switched to backup, pinned until the pool is set to auto or the server"
                  + " fails");
    }
  }

  @Rows(
      """
      a pin keeps the role                                     | IMMEDIATE | true  | master=UP backup=UP     | stay backup 8 pinned
      a pin holds while it serves for want of any other        | IMMEDIATE | true  | master=DOWN backup=SICK | stay backup 8 pinned
      auto ends the pin and lets the policy decide             | IMMEDIATE | false | master=UP backup=UP     | FAILBACK master 9 1@3600
      auto ends the pin and lets a manual policy decide        | MANUAL    | false | master=UP backup=UP     | stay backup 8
      """)
  void a_pin(String row, Policy policy, boolean pinned, String seen, String expected) {
    RoleState state = pinned ? PINNED : PINNED.unpinned();
    assertThat(text(Failover.choose(pool(policy), view(seen), state, NOW))).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(
      value = Look.class,
      names = {"UP", "CHANGED_UP", "LATE"},
      mode = EnumSource.Mode.EXCLUDE)
  void an_operator_cannot_switch_to_a_server_that_is_not_usable(Look backup) {
    Map<ServerId, Candidate> view = view(MASTER, Look.UP, BACKUP, backup);

    assertThat(Failover.switchTo(POOL, view, serving(MASTER), BACKUP)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Look.class,
      names = {"UP", "UNKNOWN", "LATE", "LATE_OPEN"},
      mode = EnumSource.Mode.EXCLUDE)
  void whatever_moves_the_role_away_ends_the_pin(Look backup) {
    Choice choice = Failover.choose(POOL, view(MASTER, Look.UP, BACKUP, backup), PINNED, NOW);

    assertThat(choice.roleState())
        .isEqualTo(new RoleState(MASTER, 9, null, 0, null, RoleMemory.NONE));
  }

  @Test
  void a_contradictory_tenure_is_refused() {
    assertThatThrownBy(() -> new RoleState(MASTER, 0, null, 0, null, RoleMemory.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RoleState(null, -1, null, 0, null, RoleMemory.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RoleState(MASTER, 1, BACKUP, 0, null, RoleMemory.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RoleState(MASTER, 1, null, -1, null, RoleMemory.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
