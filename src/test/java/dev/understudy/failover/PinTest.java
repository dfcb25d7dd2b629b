package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.ZERO;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
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

  @Test
  void an_operators_switch_pins_its_target() {
    Map<ServerId, Candidate> view = view(MASTER, Look.UP, BACKUP, Look.UP);

    assertThat(Failover.switchTo(POOL, view, serving(MASTER), BACKUP))
        .contains(
            new Choice.Switch(
                PINNED,
                null,
                MASTER,
                BACKUP,
                SwitchReason.OPERATOR,
                "an operator switched to backup, pinned until the pool is set to auto or it"
                    + " fails"));
    assertThat(Failover.choose(POOL, view, PINNED, NOW)).isEqualTo(new Choice.Stay(PINNED, null));
  }

  @Test
  void a_switch_to_the_serving_server_only_pins_it() {
    Map<ServerId, Candidate> view = view(MASTER, Look.UP, BACKUP, Look.UP);

    assertThat(Failover.switchTo(POOL, view, serving(MASTER), MASTER))
        .contains(
            new Choice.Stay(new RoleState(MASTER, 7, MASTER, 0, null, RoleMemory.NONE), null));
  }

  @ParameterizedTest
  @EnumSource(
      value = Look.class,
      names = {"UP", "CHANGED_UP"},
      mode = EnumSource.Mode.EXCLUDE)
  void an_operator_cannot_switch_to_a_server_that_is_not_usable(Look backup) {
    Map<ServerId, Candidate> view = view(MASTER, Look.UP, BACKUP, backup);

    assertThat(Failover.switchTo(POOL, view, serving(MASTER), BACKUP)).isEmpty();
  }

  @Test
  void an_operator_can_switch_while_no_server_serves() {
    assertThat(
            Failover.switchTo(
                POOL, view(MASTER, Look.UNKNOWN, BACKUP, Look.UP), RoleState.NONE, BACKUP))
        .get()
        .extracting(Choice::roleState)
        .isEqualTo(new RoleState(BACKUP, 1, BACKUP, 0, null, RoleMemory.NONE));
  }

  @Test
  void auto_ends_the_pin_and_lets_the_policy_decide() {
    Map<ServerId, Candidate> view = view(MASTER, Look.UP, BACKUP, Look.UP);

    assertThat(Failover.choose(POOL, view, PINNED.unpinned(), NOW).roleState().serving())
        .isEqualTo(MASTER);
    assertThat(
            Failover.choose(pool(Policy.MANUAL), view, PINNED.unpinned(), NOW)
                .roleState()
                .serving())
        .isEqualTo(BACKUP);
  }

  @ParameterizedTest
  @EnumSource(
      value = Look.class,
      names = {"UP", "UNKNOWN"},
      mode = EnumSource.Mode.EXCLUDE)
  void whatever_moves_the_role_away_ends_the_pin(Look backup) {
    Choice choice = Failover.choose(POOL, view(MASTER, Look.UP, BACKUP, backup), PINNED, NOW);

    assertThat(choice.roleState())
        .isEqualTo(new RoleState(MASTER, 9, null, 0, null, RoleMemory.NONE));
  }

  @Test
  void a_pin_holds_while_the_server_serves_for_want_of_any_other() {
    Map<ServerId, Candidate> view = view(MASTER, Look.DOWN, BACKUP, Look.SICK);

    assertThat(Failover.choose(POOL, view, PINNED, NOW)).isEqualTo(new Choice.Stay(PINNED, null));
  }

  @Test
  void damping_survives_an_operators_switch() {
    RoleState roleState = new RoleState(MASTER, 7, null, 3, NOW, RoleMemory.NONE);
    Map<ServerId, Candidate> view = view(MASTER, Look.UP, BACKUP, Look.UP);

    assertThat(Failover.switchTo(POOL, view, roleState, BACKUP))
        .get()
        .extracting(Choice::roleState)
        .isEqualTo(new RoleState(BACKUP, 8, BACKUP, 3, NOW, RoleMemory.NONE));
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
