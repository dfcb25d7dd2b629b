package dev.understudy.role;

import static dev.understudy.role.RoleScene.planned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.database.DatabaseEvidence;
import dev.understudy.role.SwitchProgress.Hold;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
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

  /** The pause is 10 s, and a replica out of touch keeps its promise for 4 s more. */
  @Rows(
      """
      in touch                                                | PAUSING                     | 20 | true  | true
      out of touch, while it has promised                     | PAUSING                     | 13 | false | true
      out of touch, its promise over                          | PAUSING                     | 14 | false | false
      out of touch, its promise over, a fence may be under way | PAUSING FENCING             | 14 | false | false
      out of touch, its promise over, the old server fenced   | PAUSING FENCING PROMOTING   | 14 | false | true
      out of touch, the old server fenced and not given back  | PAUSING FENCING PROMOTING ROLLING_BACK | 60 | false | true
      out of touch, not fenced for certain, to be given back  | PAUSING FENCING ROLLING_BACK | 14 | false | false
      out of touch, all over                                  | PAUSING FENCING PROMOTING MOVED | 14 | false | false
      """)
  void a_replica_out_of_touch_goes_back_to_no_server_that_it_knows_to_be_fenced(
      String row, String phases, int seconds, boolean inTouch, boolean holds) {
    PlannedSwitch planned = planned(SwitchPhase.PAUSING, false);
    List<PlannedSwitch.Stage> stages =
        Stream.of(phases.split(" ", -1))
            .map(phase -> new PlannedSwitch.Stage(SwitchPhase.valueOf(phase), RoleScene.NOW, ""))
            .toList();
    PlannedSwitch now =
        new PlannedSwitch(
            planned.id(), planned.from(), planned.request(), 8, "a", Set.of("a"), false, stages);
    RoleDraft draft =
        new RoleDraft(
            RoleProgress.of(RoleScene.agreed(now), DatabaseEvidence.NONE),
            RoleScene.view(
                RoleScene.NOW.plusSeconds(seconds),
                inTouch ? Optional.empty() : Optional.of("a test")));
    draft.switching = draft.switching.pausedSince(RoleScene.NOW).holding(true).seenEverywhere();

    new PauseTransition(draft).update();

    assertThat(draft.switching.pause().holds()).as(row).isEqualTo(holds);
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
