package dev.understudy.role;

import static dev.understudy.role.RoleScene.planned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.role.SwitchProgress.Hold;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.Rows;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PauseTransitionTest {
  /** A pause with those clients held, and that told. */
  private static RoleDraft draft(SwitchPhase phase, Hold hold, Release told) {
    RoleDraft draft = RoleScene.draft(RoleScene.agreed(planned(phase, false)));
    draft.switching =
        draft.switching.pausedSince(RoleScene.NOW).holding(hold != Hold.NO).told(told);
    if (hold == Hold.EVERYWHERE) {
      draft.switching = draft.switching.seenEverywhere();
    }
    return draft;
  }

  private static String text(RoleDraft draft) {
    SwitchProgress.Pause pause = draft.switching.pause();
    return pause.hold() + " " + pause.told();
  }

  @Rows(
      """
      NO         | NONE     | PAUSING   | update | BEGUN NONE
      NO         | NONE     | SCHEDULED | update | NO NONE
      BEGUN      | NONE     | PAUSING   | update | BEGUN NONE
      EVERYWHERE | RELEASED | FENCING   | update | EVERYWHERE RELEASED
      EVERYWHERE | RELEASED | MOVED     | update | NO NONE
      BEGUN      | NONE     | PAUSING   | seen   | EVERYWHERE NONE
      BEGUN      | FULL     | PAUSING   | seen   | EVERYWHERE FULL
      NO         | NONE     | PAUSING   | seen   | NO NONE
      BEGUN      | NONE     | PAUSING   | other  | BEGUN NONE
      BEGUN      | NONE     | PAUSING   | full   | BEGUN FULL
      EVERYWHERE | CALLING  | PAUSING   | full   | EVERYWHERE FULL
      EVERYWHERE | RELEASED | FENCING   | full   | EVERYWHERE RELEASED
      NO         | NONE     | PAUSING   | full   | NO NONE
      """)
  void the_pause_follows_the_table(
      Hold hold, Release told, SwitchPhase phase, String what, String expected) {
    RoleDraft draft = draft(phase, hold, told);
    PauseTransition pause = new PauseTransition(draft);
    switch (what) {
      case "update" -> pause.update();
      case "seen" -> pause.seen("7-x");
      case "other" -> pause.seen("8-x");
      default -> pause.full();
    }
    assertThat(text(draft)).isEqualTo(expected);
  }

  @Rows(
      """
      # what runs is not over
      EVERYWHERE | NONE     | PAUSING | before=RELEASED              |
      # it is
      EVERYWHERE | NONE     | PAUSING | idle before=RELEASED         | RELEASED
      EVERYWHERE | NONE     | FENCING | idle before=RELEASED         | RELEASED
      BEGUN      | NONE     | PAUSING | idle before=RELEASED         |
      NO         | NONE     | PAUSING | idle before=RELEASED         |
      EVERYWHERE | RELEASED | PAUSING | idle before=RELEASED         |
      EVERYWHERE | NONE     | PAUSING | idle before=NONE             |
      # a hook still runs at one of the servers
      EVERYWHERE | NONE     | PAUSING | idle before=RELEASED calling | CALLING
      EVERYWHERE | CALLING  | PAUSING | idle before=RELEASED calling |
      EVERYWHERE | CALLING  | PAUSING | idle before=RELEASED         | RELEASED
      # a client was refused
      EVERYWHERE | FULL     | PAUSING | idle before=RELEASED         |
      EVERYWHERE | FULL     | FENCING | idle before=RELEASED         | RELEASED
      EVERYWHERE | NONE     | PAUSING | before=FULL                  | FULL
      """)
  void the_others_are_told_by_the_table(
      Hold hold, Release told, SwitchPhase phase, String seen, @Nullable Release expected) {
    String before = seen.replaceAll(".*before=(\\w+).*", "$1");
    RoleView.Traffic traffic = new RoleView.Traffic(seen.contains("idle"), Release.valueOf(before));
    assertThat(
            draft(phase, hold, told)
                .switching
                .pause()
                .toTell(phase, traffic, seen.contains("calling")))
        .isEqualTo(expected);
  }

  @Test
  void what_was_told_is_withdrawn_with_the_pause() {
    RoleDraft draft = draft(SwitchPhase.GIVEN_UP, Hold.EVERYWHERE, Release.RELEASED);
    new PauseTransition(draft).update();
    assertThat(draft.effects).contains(new RoleEffect.Acknowledge(null), new RoleEffect.Publish());
  }
}
