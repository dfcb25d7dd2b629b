package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.event.EventText;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.ChoiceExplainer;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.FailbackEligibility;
import dev.understudy.failover.Failover;
import dev.understudy.failover.Promotion;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.role.RoleProgress.PendingChange;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One step: takes the input, adopts what is agreed on, makes the choice and explains it. */
final class RoleTransition {
  private static final Duration PROPOSE_AGAIN = Duration.ofSeconds(1);

  private final RoleDraft draft;
  private final RoleView view;
  private final SwitchoverTransition switchover;
  private final HookTransition hooks;

  RoleTransition(RoleDraft draft) {
    this.draft = draft;
    this.view = draft.view;
    this.switchover = new SwitchoverTransition(draft);
    this.hooks = new HookTransition(draft);
  }

  void take(RoleInput input) {
    switch (input) {
      case RoleInput.Begin begin -> begin(begin.keptFrom());
      case RoleInput.News() -> review();
      case RoleInput.Agreed agreed -> {
        adopt(agreed.role());
        draft.lookAgain();
      }
      case RoleInput.Ask ask when draft.proposing -> {} // Whoever asked is told by the runner.
      case RoleInput.Ask ask -> draft.propose(ask.next());
      case RoleInput.Proposed(AgreedRole holds) when holds == null -> {
        draft.proposing = false;
        // News that came during the proposal has not been reviewed, whatever the proposal was.
        draft.wakeIn(PROPOSE_AGAIN);
        switchover.updatePause();
      }
      case RoleInput.Proposed(AgreedRole holds) -> {
        draft.proposing = false;
        adopt(holds);
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
        switchover.pauseSeen(seen.planned());
        review();
      }
      case RoleInput.HoldFull() -> {
        switchover.holdFull();
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

  /** Makes the choice, and whatever else is due; to be called with all news. */
  private void review() {
    switchover.updatePause();
    switchover.lookAtTraffic();
    if (draft.proposing) {
      return;
    }
    if (switchover.leftNobody()) {
      recover();
    } else if (!switchover.decidesAlone()) {
      choose();
    }
    if (!draft.proposing) {
      switchover.advance();
    }
    if (!draft.proposing) {
      explain();
      hooks.advance();
    }
  }

  private void choose() {
    Choice choice =
        unlessAwaited(Failover.choose(draft.pool(), view.all(), draft.roleState(), view.now()));
    draft.effects.add(new RoleEffect.TakeNote());
    wakeAt(choice.lookAgain());
    wakeAt(lookAtConditions());
    if (choice instanceof Choice.Switch change
        && change.reason() == SwitchReason.FAILBACK
        && !draft.pool().settings().hooks().isEmpty()
        && view.inTouch()) {
      failBackInPhases(change);
      return;
    }
    Promotion.Result result = promotingFirst(choice);
    if (isDue(result.choice())) {
      draft.propose(upon(result, null));
    }
  }

  private void wakeAt(@Nullable Instant when) {
    if (when != null) {
      draft.wakeIn(Duration.between(view.now(), when));
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
        draft.propose(draft.agreed.with(switchover.after(change)));
      }
      return;
    }
    PlannedSwitch failback = ownEligibility().fit().contains(to) ? switchover.failback(to) : null;
    if (failback == null) {
      draft.wakeIn(PROPOSE_AGAIN);
    } else if (isDue(change)) {
      draft.propose(switchover.agreedIn(failback));
    }
  }

  /**
   * What becomes of a choice, if the new server must be promoted before it serves. Out of touch no
   * hook can be called: only what served last, or proves the role, serves then.
   */
  private Promotion.Result promotingFirst(Choice choice) {
    Pool pool = draft.pool();
    RoleState current = draft.roleState();
    SwitchReason reason = draft.agreed.reason();
    if (!pool.settings().hooks().promotesFirst() || reason == null) {
      return new Promotion.Result(choice);
    }
    if (!view.inTouch()) {
      ServerId to = choice.roleState().serving();
      if (to == null
          || to.equals(current.serving())
          || to.equals(draft.agreed.owed().from())
          || pool.provesRole()) {
        return new Promotion.Result(choice);
      }
      if (current.serving() == null) {
        return new Promotion.Result(new Choice.Stay(current, null));
      }
    }
    return new Promotion(pool, view.all(), current)
        .of(choice, hooks.pending(), reason, draft.agreed.evidence());
  }

  /**
   * After an operator's switch whose servers could both not be promoted: has the old one serve once
   * its promotion, which is owed, has succeeded.
   */
  private void recover() {
    PlannedSwitch planned = Objects.requireNonNull(draft.planned());
    ServerId from = planned.from();
    if (view.hooks().promote() && !from.equals(draft.agreed.owed().promote())) {
      if (isTurn(draft.roleState().epoch(), null)) {
        draft.propose(draft.agreed.with(switchover.owedAfterFailure(planned)));
      }
      return;
    }
    boolean promoted = !view.hooks().promote() || hooks.isPromotedFirst(from);
    if (!promoted || !view.usable().contains(from)) {
      return;
    }
    if (isTurn(draft.roleState().epoch() + 1, from)) {
      draft.propose(switchover.recovered());
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

  /** Emits why the choice stays as it is, once for each cause. */
  private void explain() {
    ChoiceExplanation before = draft.explanation;
    ChoiceExplanation next = explanation(draft.roleState());
    draft.explanation = next;
    announcePrimaries(next);
    if (next != null
        && !(next instanceof ChoiceExplanation.TwoPrimaries)
        && !switchover.isFailingBack()
        && !next.sameCause(before)) {
      draft.emit(EventText.begins(draft.pool().id(), next, view.wall()));
    }
    if (!Objects.equals(next, before)) {
      draft.publish();
    }
  }

  private @Nullable ChoiceExplanation explanation(RoleState roleState) {
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
    wakeAt(known);
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

  Optional<AgreedRole> unpinned(@Nullable Operator by) {
    AgreedRole agreed = draft.agreed;
    boolean failed = switchover.leftNobody();
    if (agreed.roleState().pinned() == null && !failed) {
      return Optional.empty();
    }
    AgreedRole unpinned = agreed.withPin(agreed.roleState().unpinned(), by);
    return Optional.of(failed ? unpinned.with((PlannedSwitch) null) : unpinned);
  }

  Optional<AgreedRole> pinned(ServerId to, @Nullable Operator by) {
    Pool pool = draft.pool();
    RoleState before = draft.roleState();
    return Failover.switchTo(pool, view.all(), before, to)
        .map(
            choice ->
                upon(
                    choice instanceof Choice.Switch change
                            && pool.settings().hooks().promotesFirst()
                        ? new Promotion(pool, view.all(), before).byCommand(change)
                        : new Promotion.Result(choice),
                    by));
  }

  /**
   * What the replicas agree on upon a choice.
   *
   * @param by who asked for it; null for a choice of the replicas' own
   */
  private AgreedRole upon(Promotion.Result result, @Nullable Operator by) {
    AgreedRole agreed = draft.agreed;
    return switch (result.choice()) {
      case Choice.Stay stay
          when Objects.equals(stay.roleState().pinned(), agreed.roleState().pinned()) ->
          agreed.with(stay.roleState());
      case Choice.Stay stay -> agreed.withPin(stay.roleState(), by);
      case Choice.Switch change ->
          AgreedRole.upon(change, view.wall())
              .with(operatorsBehind(change, result.pin(), by))
              .with(switchover.after(change))
              .with(owedAfter(change, result));
    };
  }

  private RoleOperators operatorsBehind(Choice.Switch change, boolean pin, @Nullable Operator by) {
    if (hooks.isPromotedFirst(change.to())) {
      return draft.agreed.operators();
    }
    return change.roleState().pinned() != null || pin
        ? RoleOperators.ofSwitch(by, true)
        : view.operators().behind(change);
  }

  private OwedHooks owedAfter(Choice.Switch change, Promotion.Result result) {
    ServerId to = result.first() == null ? change.to() : result.first();
    boolean told = change.reason() != SwitchReason.INITIAL && !hooks.isPromotedFirst(change.to());
    OwedHooks owed =
        hooks.owedAfterRefusal().moved(change.from(), to, told, view.hooks(), view.wall());
    return result.pin() ? owed.pinning() : owed;
  }

  /** Adopts an agreement, this replica's or another's; never one of an older epoch. */
  private void adopt(AgreedRole next) {
    AgreedRole before = draft.agreed;
    RoleState was = before.roleState();
    RoleState is = next.roleState();
    if (next.equals(before) || is.epoch() < was.epoch()) {
      return;
    }
    PlannedSwitch plannedBefore = before.planned();
    if (!Objects.equals(plannedBefore, next.planned())) {
      switchover.noteFence();
      draft.agreed = next;
      switchover.follow(plannedBefore, was.epoch() == 0);
    }
    draft.agreed = next;
    if (is.epoch() != was.epoch() || !Objects.equals(is.serving(), was.serving())) {
      changed(before, next);
      draft.explanation = null;
      draft.pending = null;
    }
    announcePin(was, is, next.operators());
    if (is.serving() == null || is.pinned() != null) {
      // The event of the change explains it already.
      draft.explanation = explanation(is);
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
