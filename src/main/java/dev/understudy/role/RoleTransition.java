package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.event.EventText;
import dev.understudy.pool.ServerId;
import java.time.Duration;

/**
 * One step of the {@link RoleMachine}: takes the input, and has done what is due, by whichever
 * decides.
 */
final class RoleTransition {
  private static final Duration PROPOSE_AGAIN = Duration.ofSeconds(1);

  private final RoleDraft draft;
  private final PauseTransition pause;
  private final SwitchoverTransition switchover;
  private final HookTransition hooks;
  private final ExplanationTransition explanation;
  private final ChoiceTransition choice;
  private final AdoptionTransition adoption;

  RoleTransition(RoleDraft draft) {
    this.draft = draft;
    this.pause = new PauseTransition(draft);
    this.switchover = new SwitchoverTransition(draft, pause);
    this.hooks = new HookTransition(draft);
    this.explanation = new ExplanationTransition(draft);
    this.choice = new ChoiceTransition(draft, hooks);
    this.adoption = new AdoptionTransition(draft, pause, switchover, explanation);
  }

  void take(RoleInput input) {
    switch (input) {
      case RoleInput.Begin begin -> begin(begin.keptFrom());
      case RoleInput.News() -> review();
      case RoleInput.Agreed agreed -> {
        adoption.adopt(agreed.role());
        draft.lookAgain();
      }
      case RoleInput.Ask ask when draft.proposing -> {} // Whoever asked is told by the runner.
      case RoleInput.Ask ask -> draft.propose(ask.next());
      case RoleInput.Proposed(AgreedRole holds) when holds == null -> {
        draft.proposing = false;
        // News that came during the proposal has not been reviewed, whatever the proposal was.
        draft.wakeIn(PROPOSE_AGAIN);
        pause.update();
      }
      case RoleInput.Proposed(AgreedRole holds) -> {
        draft.proposing = false;
        adoption.adopt(holds);
        draft.lookAgain();
      }
      case RoleInput.Called called -> {
        HookProgress.Running running = draft.hooks.running().get(called.number());
        draft.hooks = draft.hooks.ended(called.number());
        if (running != null && running.planned() != null) {
          switchover.called(running.planned(), called);
        } else {
          hooks.called(running, called);
        }
        review();
      }
      case RoleInput.PauseSeen seen -> {
        pause.seen(seen.planned());
        review();
      }
      case RoleInput.HoldFull() -> {
        pause.full();
        review();
      }
    }
  }

  private void begin(String keptFrom) {
    switchover.follow(null, true);
    review();
    ServerId serving = draft.roleState().serving();
    if (serving != null && !draft.proposing) {
      draft.emit(EventText.kept(draft.pool().id(), draft.roleState(), serving, keptFrom));
    }
  }

  /** Has done whatever is due; to be called with all news. */
  private void review() {
    pause.update();
    pause.lookAtTraffic();
    Decider decider = Decider.of(draft.proposing, draft.planned(), draft.switching.pause().holds());
    switch (decider) {
      case PROPOSAL, PLANNED_SWITCH -> {}
      case CHOICE, CHOICE_WITHOUT_CALLS -> choice.choose();
    }
    if (!draft.proposing) {
      switchover.advance();
    }
    if (!draft.proposing) {
      explanation.explain();
      hooks.advance(decider.calls);
    }
  }
}
