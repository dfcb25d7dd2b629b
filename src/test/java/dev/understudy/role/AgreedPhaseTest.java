package dev.understudy.role;

import static dev.understudy.role.RoleScene.NOW;
import static dev.understudy.role.RoleScene.OLD;
import static dev.understudy.role.RoleScene.THIRD;
import static dev.understudy.role.RoleScene.planned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

class AgreedPhaseTest {
  /** Of an earlier change: the third server is still to be fenced, the old one to be told. */
  private static final OwedHooks OWED = new OwedHooks(THIRD, Map.of(THIRD, NOW), OLD, false);

  /** Who serves in which epoch, who is to be fenced, and who is to be promoted. */
  private static String text(AgreedRole agreed) {
    RoleState role = agreed.roleState();
    String fenced =
        agreed.owed().demote().keySet().stream()
            .map(ServerId::value)
            .sorted()
            .collect(Collectors.joining(","));
    return "%s %d%s; demote %s; promote %s"
        .formatted(
            ServerId.text(role.serving()),
            role.epoch(),
            (role.pinned() == null ? "" : " pinned") + (role.failbacks() == 0 ? "" : " tried"),
            fenced,
            ServerId.text(agreed.owed().promote()));
  }

  @Rows(
      """
      # an operator's switch
      PAUSING      | SCHEDULED    |           | old 7; demote third; promote old
      PAUSING      | PAUSING      |           | old 7; demote third; promote old
      PAUSING      | GIVEN_UP     |           | old 7; demote third; promote old
      PAUSING      | FENCING      |           | old 7; demote third; promote null
      FENCING      | PROMOTING    |           | old 7; demote third; promote null
      FENCING      | GIVEN_UP     |           | old 7; demote third; promote old
      PROMOTING    | MOVED        | DONE      | new 8 pinned; demote third; promote null
      FENCING      | ROLLING_BACK | UNCERTAIN | old 7; demote third; promote old
      PROMOTING    | ROLLING_BACK |           | old 7; demote third; promote old
      PROMOTING    | ROLLING_BACK | REFUSED   | old 7; demote third; promote old
      PROMOTING    | ROLLING_BACK | UNCERTAIN | old 7; demote new,old,third; promote null
      PROMOTING    | ROLLING_BACK | RUNNING   | old 7; demote new,old,third; promote null
      ROLLING_BACK | ROLLED_BACK  | DONE      | old 9; demote third; promote old
      ROLLING_BACK | FAILED       | REFUSED   | null 9; demote old,third; promote new
      FENCING      | FAILED       | UNCERTAIN | null 9; demote old,third; promote new
      # a failback
      PAUSING      | PAUSING      | failback  | old 7; demote third; promote old
      PAUSING      | GIVEN_UP     | failback  | old 7 tried; demote third; promote old
      PROMOTING    | MOVED        | failback  | new 8 tried; demote third; promote null
      ROLLING_BACK | ROLLED_BACK  | failback  | old 9 tried; demote third; promote old
      ROLLING_BACK | FAILED       | failback  | null 9; demote old,third; promote new
      """)
  void the_replicas_agree_by_the_table(
      SwitchPhase present, SwitchPhase next, @Nullable String call, String expected) {
    boolean failback = "failback".equals(call);
    RoleDraft draft = RoleScene.draft(RoleScene.agreed(planned(present, failback)).with(OWED));
    if (call != null && !failback) {
      HookResult made = new HookResult(Call.valueOf(call), "", Duration.ZERO);
      draft.switching = draft.switching.called(made);
    }

    AgreedRole agreed = new AgreedPhase(draft).of(planned(next, failback));

    assertThat(text(agreed)).isEqualTo(expected);
    assertThat(agreed.planned()).isEqualTo(planned(next, failback));
  }
}
