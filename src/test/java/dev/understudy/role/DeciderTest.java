package dev.understudy.role;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.Rows;
import org.jspecify.annotations.Nullable;

class DeciderTest {
  @Rows(
      """
      # no switch
                   |            | CHOICE
                   | proposing  | PROPOSAL
      # before clients are held
      SCHEDULED    |            | CHOICE
      SCHEDULED    | proposing  | PROPOSAL
      # while the old server finishes
      PAUSING      | holds      | CHOICE_WITHOUT_CALLS
      PAUSING      |            | CHOICE_WITHOUT_CALLS
      PAUSING      | proposing  | PROPOSAL
      # once the old server may be fenced
      FENCING      | holds      | PLANNED_SWITCH
      PROMOTING    | holds      | PLANNED_SWITCH
      ROLLING_BACK | holds      | PLANNED_SWITCH
      FENCING      | proposing  | PROPOSAL
      # out of touch for longer than the pause
      FENCING      |            | CHOICE_WITHOUT_CALLS
      PROMOTING    |            | CHOICE_WITHOUT_CALLS
      ROLLING_BACK |            | CHOICE_WITHOUT_CALLS
      # over
      MOVED        |            | CHOICE
      GIVEN_UP     |            | CHOICE
      ROLLED_BACK  |            | CHOICE
      FAILED       |            | CHOICE
      FAILED       | proposing  | PROPOSAL
      """)
  void the_first_row_that_fits_decides(
      @Nullable SwitchPhase phase, @Nullable String seen, Decider expected) {
    String words = seen == null ? "" : seen;
    assertThat(
            Decider.of(
                words.contains("proposing"),
                phase == null ? null : RoleScene.planned(phase, false),
                words.contains("holds")))
        .isEqualTo(expected);
  }
}
