package dev.understudy.role;

import dev.understudy.event.EventText;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.ChoiceExplainer;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why the choice stays as it is, and who claims to be primary, in one step of the {@link
 * RoleMachine}.
 */
final class ExplanationTransition {
  private final RoleDraft draft;
  private final RoleView view;

  ExplanationTransition(RoleDraft draft) {
    this.draft = draft;
    this.view = draft.view;
  }

  /** Emits why the choice stays as it is, once for each cause. */
  void explain() {
    ChoiceExplanation before = draft.explanation;
    ChoiceExplanation next = explanation(draft.roleState());
    draft.explanation = next;
    announcePrimaries(next);
    if (before instanceof ChoiceExplanation.NoSuccessor ended
        && !(next instanceof ChoiceExplanation.NoSuccessor)) {
      draft.emit(EventText.hasSuccessor(draft.pool().id(), ended));
    }
    if (next != null
        && !(next instanceof ChoiceExplanation.TwoPrimaries)
        && !draft.isFailingBack()
        && !next.sameCause(before)) {
      draft.emit(EventText.begins(draft.pool().id(), next, view.wall()));
    }
    if (!Objects.equals(next, before)) {
      draft.publish();
    }
  }

  @Nullable ChoiceExplanation explanation(RoleState roleState) {
    return ChoiceExplainer.of(draft.pool(), withoutFenced(), roleState, view.now());
  }

  /**
   * The candidates without the server that a planned switch has fenced just now: what its last
   * probe found is no claim any more. It is one again if it lasts longer than it takes to find that
   * it has ended.
   */
  private Map<ServerId, Candidate> withoutFenced() {
    PlannedSwitch planned = draft.planned();
    ServerId fenced = planned == null ? null : planned.fenced(draft.roleState().epoch());
    if (fenced == null || !view.hooks().demote() || !draft.pool().provesRole()) {
      return view.all();
    }
    Instant known = draft.switching.phase().since().plus(draft.pool().health().detection());
    if (!view.now().isBefore(known)) {
      return view.all();
    }
    draft.wakeAt(known);
    Map<ServerId, Candidate> others = new HashMap<>(view.all());
    others.remove(fenced);
    return others;
  }

  /**
   * Emits two primaries, and that they are over: once the claim has ended, or the holder denies the
   * role, but not while the holder does not respond, or an operator has switched between the two.
   */
  private void announcePrimaries(@Nullable ChoiceExplanation next) {
    ChoiceExplanation.TwoPrimaries before = draft.primaries;
    boolean beforeRecovery = next == null && draft.roleState().serving() == null;
    if (beforeRecovery) {
      return;
    }
    if (before != null && (next == null || next.primaries() == null)) {
      draft.primaries = null;
      draft.emit(EventText.onePrimary(draft.pool().id(), before));
    } else if (next instanceof ChoiceExplanation.TwoPrimaries two && !two.sameCause(before)) {
      draft.primaries = two;
      draft.emit(EventText.begins(draft.pool().id(), two, view.wall()));
    }
  }
}
