package dev.understudy.role;

import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.Operator;
import dev.understudy.pool.ServerId;
import dev.understudy.role.RoleMachine.Planning;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchDecision;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchFacts.Target;
import dev.understudy.switchover.SwitchRequest;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which planned switch a request begins, or why it may not begin one, and how one is given up. */
record SwitchPlanning(RoleDraft draft) {
  Planning plan(SwitchRequest request) {
    RoleState current = draft.roleState();
    ServerId from = current.serving();
    PlannedSwitch under = draft.planned();
    if (under != null && under.isActive()) {
      String words = under.request().words();
      return refused("a " + words + " to " + under.to().words() + " is under way already");
    }
    if (from == null) {
      return refused(
          "nobody serves pool "
              + draft.pool().id()
              + ", so there is no role to hand over: switch without a plan");
    }
    if (from.equals(request.to())) {
      return refused(from.words() + " serves already");
    }
    if (draft.pool().settings().hold().time().isZero()) {
      return refused("hold.time of pool " + draft.pool().id() + " is 0, so clients cannot be held");
    }
    Optional<String> silent = draft.view.replicas().silent();
    if (silent.isPresent()) {
      return refused("nothing has been heard from replica " + silent.get() + " for a while");
    }
    SwitchFacts facts = new SwitchSurvey(draft).before(request.to());
    boolean later = request.at() != null && request.at().isAfter(draft.view.wall());
    String whyNot = later ? "" : whyNot(request, facts);
    String id = current.epoch() + "-" + Long.toHexString(draft.view.random());
    return whyNot.isEmpty()
        ? new Planning(PlannedSwitch.begin(id, from, request, current.epoch(), facts), "")
        : refused(whyNot);
  }

  private static Planning refused(String whyNot) {
    return new Planning(null, whyNot);
  }

  private String whyNot(SwitchRequest request, SwitchFacts facts) {
    ServerId to = request.to();
    Candidate candidate = draft.view.candidate(to);
    if (facts.target() == Target.TOO_FAR_BEHIND && !request.acceptLoss() && candidate != null) {
      return candidate.tooFarToPromote(to);
    }
    return facts.target() == Target.UNKNOWN
        ? to.words() + " has not been checked yet"
        : SwitchDecision.whyNot(request, facts);
  }

  /**
   * Begins a failback in phases, unless a planned switch is under way.
   *
   * @return null if it cannot begin now
   */
  @Nullable PlannedSwitch failback(ServerId to) {
    return plan(SwitchRequest.failback(to, draft.pool().settings().hooks())).planned();
  }

  /** The switch given up by an operator; null if there is none that can be. */
  @Nullable PlannedSwitch givenUp(@Nullable Operator by) {
    PlannedSwitch planned = draft.planned();
    return planned == null
        ? null
        : planned.givenUp(
            new SwitchSurvey(draft).of(planned), "an operator gave it up" + Operator.by(by));
  }

  /** The switch as it is once an operator has switched to the server that serves already. */
  @Nullable PlannedSwitch keeping(ServerId serving, @Nullable Operator by) {
    PlannedSwitch planned = draft.planned();
    PlannedSwitch givenUp =
        planned == null
            ? null
            : planned.givenUp(
                new SwitchSurvey(draft).of(planned),
                "an operator switched to " + serving + ", which serves" + Operator.by(by));
    return givenUp == null ? planned : givenUp;
  }

  /** The switch as it is after another change of the serving server. */
  @Nullable PlannedSwitch after(Choice.Switch change) {
    PlannedSwitch planned = draft.planned();
    if (planned != null && planned.isActive()) {
      return planned.givenUp(
          new SwitchSurvey(draft).of(planned),
          "the role moved meanwhile: " + change.reason().words());
    }
    return change.to() != null && draft.isLeftWithNobody()
        ? Objects.requireNonNull(planned).ended(draft.view.wall(), change.to().words() + " serves")
        : planned;
  }
}
