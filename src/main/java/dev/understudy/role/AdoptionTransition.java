package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.event.EventText;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.ServerId;
import dev.understudy.role.RoleProgress.PendingChange;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** Takes what the replicas agreed on, in one step of the {@link RoleMachine}, and tells of it. */
final class AdoptionTransition {
  private final RoleDraft draft;
  private final RoleView view;
  private final PauseTransition pause;
  private final SwitchoverTransition switchover;
  private final ExplanationTransition explanation;

  AdoptionTransition(
      RoleDraft draft,
      PauseTransition pause,
      SwitchoverTransition switchover,
      ExplanationTransition explanation) {
    this.draft = draft;
    this.view = draft.view;
    this.pause = pause;
    this.switchover = switchover;
    this.explanation = explanation;
  }

  /** Adopts an agreement, this replica's or another's; never one of an older epoch. */
  void adopt(AgreedRole next) {
    AgreedRole before = draft.agreed;
    RoleState was = before.roleState();
    RoleState is = next.roleState();
    if (next.equals(before) || is.epoch() < was.epoch()) {
      return;
    }
    PlannedSwitch plannedBefore = before.planned();
    if (!Objects.equals(plannedBefore, next.planned())) {
      pause.noteFence();
      draft.agreed = next;
      switchover.follow(plannedBefore, was.epoch() == 0);
    }
    draft.agreed = next;
    PlannedSwitch planned = next.planned();
    if (planned != null && planned.leftNobody() && !planned.equals(plannedBefore)) {
      // That it was well before its fence says nothing of it now.
      draft.effects.add(new RoleEffect.JudgeAnew(planned.from(), true));
    }
    if (is.epoch() != was.epoch() || !Objects.equals(is.serving(), was.serving())) {
      changed(before, next);
      draft.explanation = null;
      draft.pending = null;
    }
    announcePin(was, is, next.operators());
    if (is.serving() == null || is.pinned() != null) {
      // The event of the change explains it already.
      draft.explanation = explanation.explanation(is);
    }
    draft.publish();
  }

  private void changed(AgreedRole before, AgreedRole next) {
    ServerId from = before.roleState().serving();
    ServerId to = next.roleState().serving();
    draft.effects.add(new RoleEffect.Serve(from, to));
    boolean joined =
        before.roleState().epoch() == 0
            && next.roleState().epoch() > 1
            && next.reason() != SwitchReason.INITIAL;
    // Within an epoch the holder stays: what ends is a choice that this replica made alone.
    boolean back =
        before.roleState().epoch() == next.roleState().epoch() && view.replicas().trusted();
    if (to != null && (joined || back || to.equals(from))) {
      String how = joined || back ? "as the replicas agreed" : next.evidence();
      draft.emit(EventText.kept(draft.pool().id(), next.roleState(), to, how));
    } else if (next.reason() != null) {
      PendingChange change = draft.pending;
      Instant firstBad = from == null ? null : view.firstBad().get(from);
      draft.emit(
          EventText.switched(
              draft.pool().id(),
              from,
              next,
              firstBad == null ? null : Duration.between(firstBad, view.now()),
              change == null ? null : Duration.between(change.since(), view.now())));
    }
  }

  private void announcePin(RoleState before, RoleState next, RoleOperators operators) {
    ServerId was = before.pinned();
    ServerId is = next.pinned();
    if (is != null && !is.equals(was)) {
      draft.emit(EventText.pinned(draft.pool().id(), is, operators.ofPin()));
    } else if (is == null && was != null) {
      boolean bySwitch = next.epoch() != before.epoch();
      Operator by = bySwitch ? operators.ofSwitch() : operators.ofPin();
      draft.emit(EventText.unpinned(draft.pool().id(), was, bySwitch, by));
    }
  }
}
