package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.event.Event;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.RoleEvidence;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.Pool;
import dev.understudy.role.RoleProgress.PendingChange;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The next {@link RoleProgress} while one step makes it, with the effects so far. */
final class RoleDraft {
  final RoleView view;
  final List<RoleEffect> effects = new ArrayList<>();
  AgreedRole agreed;
  boolean proposing;
  @Nullable PendingChange pending;
  @Nullable ChoiceExplanation explanation;
  final RoleEvidence evidence;
  ChoiceExplanation.@Nullable TwoPrimaries primaries;
  boolean warms;
  SwitchProgress switching;
  HookProgress hooks;
  private @Nullable Duration wake;

  RoleDraft(RoleProgress before, RoleView view) {
    this.view = view;
    this.agreed = before.agreed();
    this.proposing = before.proposing();
    this.pending = before.pending();
    this.explanation = before.explanation();
    this.evidence = view.evidence();
    this.primaries = before.primaries();
    this.warms = before.warms();
    this.switching = before.switching();
    this.hooks = before.hooks();
  }

  RoleMachine.Step end() {
    RoleProgress next =
        new RoleProgress(
            agreed, proposing, pending, explanation, evidence, primaries, warms, switching, hooks);
    return new RoleMachine.Step(next, effects, wake);
  }

  Pool pool() {
    return view.pool();
  }

  RoleState roleState() {
    return agreed.roleState();
  }

  @Nullable PlannedSwitch planned() {
    return agreed.planned();
  }

  /** Whether a planned switch failed, and nobody has served since then. */
  boolean isLeftWithNobody() {
    PlannedSwitch planned = planned();
    return planned != null && planned.leftNobody() && roleState().serving() == null;
  }

  /** Whether a failback in phases is under way. */
  boolean isFailingBack() {
    PlannedSwitch planned = planned();
    return planned != null && planned.isActive() && planned.request().failback();
  }

  /** Asks for another look then, at the latest. */
  void wakeIn(Duration wait) {
    Duration least = wait.isNegative() ? Duration.ZERO : wait;
    if (wake == null || least.compareTo(wake) < 0) {
      wake = least;
    }
  }

  /** Asks for another look at that time; never if it is null. */
  void wakeAt(@Nullable Instant when) {
    if (when != null) {
      wakeIn(Duration.between(view.now(), when));
    }
  }

  void emit(Event event) {
    effects.add(new RoleEffect.Emit(event));
  }

  /** Has the machine look at the pool anew at once. */
  void lookAgain() {
    effects.add(new RoleEffect.LookAgain());
  }

  void publish() {
    effects.add(new RoleEffect.Publish());
  }

  void propose(AgreedRole next) {
    proposing = true;
    effects.add(new RoleEffect.Propose(agreed, next));
  }

  void call(HookProgress.Running running, HookCall call) {
    effects.add(new RoleEffect.CallHook(hooks.next(), call));
    hooks = hooks.begun(running);
  }
}
