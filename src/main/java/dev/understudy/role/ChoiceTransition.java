package dev.understudy.role;

import dev.understudy.failover.Choice;
import dev.understudy.failover.FailbackEligibility;
import dev.understudy.failover.Failover;
import dev.understudy.failover.Promotion;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.ServerId;
import dev.understudy.role.RoleProgress.PendingChange;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The choice in one step of the {@link RoleMachine}: whom {@link Failover} has serve, and whether
 * it is this replica's turn to propose that.
 */
final class ChoiceTransition {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final RoleDraft draft;
  private final RoleView view;
  private final SwitchPlanning planning;
  private final AgreedPhase phases;
  private final AgreedChoice agreed;

  ChoiceTransition(RoleDraft draft, HookTransition hooks) {
    this.draft = draft;
    this.view = draft.view;
    this.planning = new SwitchPlanning(draft);
    this.phases = new AgreedPhase(draft);
    this.agreed = new AgreedChoice(draft, hooks, planning);
  }

  /** Makes the choice, and proposes what it calls for. */
  void choose() {
    Choice choice =
        unlessAwaited(Failover.choose(draft.pool(), view.all(), draft.roleState(), view.now()));
    draft.effects.add(new RoleEffect.ConfirmFileChange());
    draft.wakeAt(choice.lookAgain());
    draft.wakeAt(lookAtConditions());
    if (choice instanceof Choice.Switch change
        && change.reason() == SwitchReason.FAILBACK
        && !draft.pool().settings().hooks().isEmpty()
        && view.inTouch()) {
      failBackInPhases(change);
      return;
    }
    Promotion.Result result = agreed.promotingFirst(choice);
    if (isDue(result.choice())) {
      draft.propose(agreed.upon(result, null));
    }
  }

  /**
   * The choice; after a restart, not to leave a server that is still to be found: for another one
   * only once no response of its name server or cluster is to be expected soon.
   */
  private Choice unlessAwaited(Choice choice) {
    return choice instanceof Choice.Switch change
            && change.from() != null
            && view.search().serving()
            && (change.to() == null || !view.search().complete())
        ? new Choice.Stay(draft.roleState(), null)
        : choice;
  }

  /**
   * Fences the serving server before the better one is promoted. A failback that is given up begins
   * no epoch, so that other replicas' votes may be older than that: this one's must agree.
   */
  private void failBackInPhases(Choice.Switch change) {
    ServerId to = Objects.requireNonNull(change.to());
    PlannedSwitch planned = draft.planned();
    if (planned != null && planned.isActive()) {
      if (planned.phase() == SwitchPhase.SCHEDULED && isDue(change)) {
        draft.propose(draft.agreed.with(planning.after(change)));
      }
      return;
    }
    PlannedSwitch failback = ownEligibility().fit().contains(to) ? planning.failback(to) : null;
    if (failback == null) {
      draft.wakeIn(LOOK_AGAIN);
    } else if (isDue(change)) {
      draft.propose(phases.of(failback));
    }
  }

  /**
   * Looks at this replica's part in the further conditions of a failback.
   *
   * @return when to look at them again; null if only news can change them
   */
  private @Nullable Instant lookAtConditions() {
    if (!draft.pool().failback().hasConditions()) {
      warmUp(null);
      return null;
    }
    FailbackEligibility own = ownEligibility();
    warmUp(own.warmUp());
    return own.lookAgain();
  }

  private void warmUp(@Nullable ServerId server) {
    if (server != null || draft.warms) {
      draft.effects.add(new RoleEffect.WarmUp(server));
    }
    draft.warms = server != null;
  }

  private FailbackEligibility ownEligibility() {
    return FailbackEligibility.of(draft.pool(), view.own(), draft.roleState(), view.now());
  }

  /** Whether the choice changes anything, and it is this replica's turn to propose it. */
  private boolean isDue(Choice choice) {
    RoleState next = choice.roleState();
    if (next.equals(draft.roleState())) {
      draft.pending = null;
      return false;
    }
    return isTurn(next.epoch(), next.serving());
  }

  private boolean isTurn(long epoch, @Nullable ServerId to) {
    PendingChange current = draft.pending;
    if (current == null || !current.isFor(epoch, to)) {
      current = new PendingChange(epoch, to, view.now());
      draft.pending = current;
    }
    Optional<Duration> turn = view.replicas().turn();
    if (turn.isEmpty()) {
      return false;
    }
    Duration wait = turn.get().minus(Duration.between(current.since(), view.now()));
    if (wait.isPositive()) {
      draft.wakeIn(wait);
      return false;
    }
    return true;
  }
}
