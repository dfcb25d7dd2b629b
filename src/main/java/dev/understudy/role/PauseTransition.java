package dev.understudy.role;

import dev.understudy.pool.PoolMode;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchPhase;
import java.time.Duration;

/**
 * The pause of a planned switch at this replica, in one step of the {@link RoleMachine}: holds
 * clients, and tells the other replicas what runs at the old server. {@link SwitchProgress.Pause}
 * has the transitions.
 */
final class PauseTransition {
  private final RoleDraft draft;
  private final RoleView view;

  PauseTransition(RoleDraft draft) {
    this.draft = draft;
    this.view = draft.view;
  }

  /**
   * Begins or ends the pause here. Out of touch it ends by itself, and with it what this replica
   * told the others: from then on requests run at the old server again. Not once that is known to
   * be fenced: it is no server to go back to.
   */
  void update() {
    PlannedSwitch planned = draft.planned();
    Duration promised = Duration.ZERO;
    boolean pauses = false;
    boolean fenced = false;
    if (planned != null && planned.phase().pauses()) {
      promised = Duration.between(view.now(), draft.switching.endOfPromise(planned));
      pauses = draft.pool().mode() == PoolMode.FAILOVER;
      fenced = planned.hasFenced() && view.hooks().demote();
    }
    if (promised.isPositive()) {
      draft.wakeIn(promised);
    }
    boolean next = pauses && (view.inTouch() || promised.isPositive() || fenced);
    if (next != draft.switching.pause().holds()) {
      noteFence();
      withdraw(next);
      draft.publish();
    }
  }

  /** Notes that the old server may have been fenced until now. */
  void noteFence() {
    PlannedSwitch planned = draft.planned();
    if (planned != null && draft.switching.mayBeFencing(planned, view.hooks())) {
      draft.switching = draft.switching.fencedUntil(view.now());
      draft.effects.add(new RoleEffect.JudgeAnew(planned.from(), false));
    }
  }

  /** What was told counts no more. */
  void withdraw(boolean holds) {
    draft.switching = draft.switching.holding(holds);
    draft.effects.add(new RoleEffect.Acknowledge(null));
  }

  /** Every event loop of this replica has seen the pause of that switch. */
  void seen(String id) {
    PlannedSwitch planned = draft.planned();
    if (draft.switching.pause().holds() && planned != null && planned.id().equals(id)) {
      draft.switching = draft.switching.seenEverywhere();
    }
  }

  /** A client was refused, as a bound of the hold is reached. */
  void full() {
    PlannedSwitch planned = draft.planned();
    if (draft.switching.pause().holds()
        && planned != null
        && planned.phase() == SwitchPhase.PAUSING
        && draft.switching.pause().told() != Release.FULL) {
      tell(planned, Release.FULL);
    }
  }

  /** Tells the others once nothing runs at the old server any more, and no hook at either. */
  void lookAtTraffic() {
    PlannedSwitch planned = draft.planned();
    if (planned == null) {
      return;
    }
    Release news =
        draft
            .switching
            .pause()
            .toTell(planned.phase(), view.traffic(), draft.hooks.isCalling(planned));
    if (news != null) {
      tell(planned, news);
    }
  }

  private void tell(PlannedSwitch planned, Release release) {
    draft.switching = draft.switching.told(release);
    draft.effects.add(new RoleEffect.Acknowledge(new Acknowledgement(planned.id(), release)));
    draft.lookAgain();
  }
}
