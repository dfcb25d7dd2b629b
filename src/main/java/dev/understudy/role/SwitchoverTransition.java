package dev.understudy.role;

import dev.understudy.event.EventText;
import dev.understudy.pool.Server;
import dev.understudy.role.SwitchProgress.Due;
import dev.understudy.role.SwitchProgress.Phase;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchDecision;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The planned switch in one step of the {@link RoleMachine}: follows the agreed phases, and takes
 * the steps that are this replica's own.
 */
final class SwitchoverTransition {
  private final RoleDraft draft;
  private final RoleView view;
  private final PauseTransition pause;

  SwitchoverTransition(RoleDraft draft, PauseTransition pause) {
    this.draft = draft;
    this.view = draft.view;
    this.pause = pause;
  }

  /** Takes the agreed state, which the draft has already. */
  void follow(@Nullable PlannedSwitch before, boolean joined) {
    PlannedSwitch next = draft.planned();
    if (Objects.equals(next, before)) {
      return;
    }
    PlannedSwitch same =
        before != null && next != null && before.id().equals(next.id()) ? before : null;
    if (same == null) {
      pause.withdraw(draft.switching.pause().holds());
    }
    if (next == null) {
      pause.update();
      return;
    }
    boolean pausedBefore = same != null && same.phase().pauses();
    if (same == null || same.phase() != next.phase()) {
      if (!joined || next.isActive()) {
        draft.emit(EventText.planned(draft.pool().id(), next, pausedFor(next, pausedBefore)));
      }
      boolean again = joined || view.replicas().follows();
      draft.switching = draft.switching.with(new Phase(view.now(), null, again));
    } else if (!same.driver().equals(next.driver())) {
      boolean afresh = next.phase() == SwitchPhase.ROLLING_BACK;
      Instant since = afresh ? view.now() : draft.switching.phase().since();
      draft.switching = draft.switching.with(new Phase(since, null, true));
    }
    if (next.phase().pauses() && !pausedBefore) {
      draft.switching = draft.switching.pausedSince(view.now());
    }
    pause.update();
  }

  private @Nullable Duration pausedFor(PlannedSwitch next, boolean pausedBefore) {
    return pausedBefore && !next.phase().pauses()
        ? Duration.between(draft.switching.pause().since(), view.now())
        : null;
  }

  /** Takes the step that is due, if it is this replica's. */
  void advance() {
    PlannedSwitch planned = draft.planned();
    if (planned == null || !planned.isActive() || !view.inTouch()) {
      return;
    }
    switch (SwitchDecision.step(planned, new SwitchSurvey(draft).of(planned))) {
      case SwitchStep.Wait wait -> {
        draft.switching = draft.switching.with((Due) null);
        if (wait.lookAgain() != null) {
          draft.wakeIn(wait.lookAgain());
        }
      }
      case SwitchStep.Write write -> write(write);
      case SwitchStep.Call toMake -> call(planned, toMake);
    }
  }

  private void write(SwitchStep.Write write) {
    Due before = draft.switching.due();
    Instant since =
        before != null && before.next().phase() == write.next().phase()
            ? before.since()
            : view.now();
    draft.switching = draft.switching.with(new Due(write.next(), since));
    Optional<Duration> turn = view.replicas().turn();
    if (turn.isEmpty()) {
      return;
    }
    Duration wait =
        write.inTurn() ? turn.get().minus(Duration.between(since, view.now())) : Duration.ZERO;
    if (wait.isPositive()) {
      draft.wakeIn(wait);
    } else {
      draft.switching = draft.switching.with((Due) null);
      draft.propose(new AgreedPhase(draft).of(write.next()));
    }
  }

  private void call(PlannedSwitch planned, SwitchStep.Call toMake) {
    if (draft.hooks.isCalled(toMake.server())) {
      return; // Its end is news.
    }
    Server server = draft.pool().server(toMake.server());
    if (server == null) {
      draft.switching =
          draft.switching.called(
              new HookResult(Call.REFUSED, "it is not in the pool", Duration.ZERO));
      draft.wakeIn(Duration.ZERO);
      return;
    }
    draft.switching = draft.switching.called(new HookResult(Call.RUNNING, "", Duration.ZERO));
    draft.call(
        new HookProgress.Running(server.id(), null, planned),
        HookCall.of(
            draft.pool(), planned, toMake.promote(), server, toMake.epoch(), toMake.within()));
  }

  /** A call that the switch made in that phase has ended. */
  void called(PlannedSwitch in, RoleInput.Called ended) {
    draft.emit(EventText.hookCalled(ended.call(), ended.result()));
    if (in.equals(draft.planned())) {
      HookResult result = ended.result();
      draft.switching =
          draft.switching.called(
              draft.switching.phase().repeated() ? result.ofRepeatedCall() : result);
    }
  }
}
