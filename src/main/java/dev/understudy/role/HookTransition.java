package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.event.EventText;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.Promotion;
import dev.understudy.failover.Promotion.Progress;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.role.HookProgress.Duty;
import dev.understudy.role.HookProgress.Turn;
import dev.understudy.switchover.HookAttempts;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.SwitchFacts.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The calls of hooks that no planned switch makes, in one step of the {@link RoleMachine}: those
 * that are owed since the role moved, and demote at a server that claims to be primary beside the
 * serving one. Nothing waits for them but a server that must be promoted before it serves.
 *
 * <p>One replica makes them. One that has become the first waits until whichever it was before
 * knows, or is out of touch, so that no server hears of an older epoch after a newer one; not if
 * that one passed them on.
 */
final class HookTransition {
  /** How long a replica must have been the first: none in touch knows less than what is so old. */
  private static final Duration SETTLE = Duration.ofSeconds(4);

  /** The time in which a server that was promoted must become usable. */
  private static final Duration PROMOTION_TIME = Duration.ofSeconds(30);

  private final RoleDraft draft;
  private final RoleView view;

  HookTransition(RoleDraft draft) {
    this.draft = draft;
    this.view = draft.view;
  }

  private OwedHooks owed() {
    return draft.agreed.owed().in(draft.pool());
  }

  private @Nullable ServerId serving() {
    return draft.roleState().serving();
  }

  /** The server that is to be promoted before it serves; null if none is. */
  Promotion.@Nullable Pending pending() {
    OwedHooks owed = draft.agreed.owed();
    ServerId first = serving() == null ? owed.promote() : null;
    return first == null
        ? null
        : new Promotion.Pending(first, owed.pin(), progress(new Duty(true, first)));
  }

  /** Whether it is the server that had to be promoted before it serves, and was. */
  boolean isPromotedFirst(@Nullable ServerId server) {
    Promotion.Pending pending = pending();
    return pending != null
        && pending.server().equals(server)
        && pending.progress() == Progress.DONE;
  }

  private Progress progress(Duty promotion) {
    HookAttempts made = isOfThisTurn() ? draft.hooks.attempts().get(promotion) : null;
    if (made == null || made.last() == null || made.last() == Call.RUNNING) {
      return Progress.UNDER_WAY;
    }
    if (untilNext(promotion, made).isZero()) {
      return isToBePassedOn(promotion, made) ? Progress.UNDER_WAY : Progress.FAILED;
    }
    return made.last() == Call.DONE ? Progress.DONE : Progress.UNDER_WAY;
  }

  /** What is still owed by what this replica knows: not a promotion that had no effect. */
  OwedHooks owedAfterRefusal() {
    OwedHooks owed = draft.agreed.owed();
    ServerId first = owed.promote();
    HookAttempts made =
        first == null || !isOfThisTurn() ? null : draft.hooks.attempts().get(new Duty(true, first));
    return first != null && made != null && made.last() == Call.REFUSED
        ? owed.done(true, first)
        : owed;
  }

  /** Whether the attempts are of the present epoch, and of the present turn of this replica. */
  private boolean isOfThisTurn() {
    return draft.hooks.turn().epoch() == announced()
        && draft.hooks.turn().since() != null
        && draft.hooks.turn().passed() == draft.agreed.owed().passed();
  }

  /** The epoch that calls announce: while nobody serves, the one in which somebody will. */
  private long announced() {
    RoleState roleState = draft.roleState();
    return roleState.epoch() + (roleState.serving() == null ? 1 : 0);
  }

  /**
   * Makes the calls that are due, if they are this replica's.
   *
   * @param may whether any may begin, see {@link Decider}
   */
  void advance(boolean may) {
    HookSettings settings = draft.pool().settings().hooks();
    if (settings.isEmpty()) {
      return;
    }
    boolean first = isFirst();
    if (!isOfThisTurn()) {
      beginTurn();
    }
    Set<Duty> due = due(settings);
    retain(due);
    if (!first || !may || writeDone() || passOn()) {
      return;
    }
    draft.hooks = draft.hooks.inVain(serving() == null ? draft.hooks.turn().inVain() : 0);
    for (Duty duty : due) {
      HookAttempts made = draft.hooks.attempts().get(duty);
      if (made == null) {
        made =
            HookAttempts.none(
                before() + draft.hooks.turn().inVain(), view.now(), firstOccasion(duty));
        draft.hooks = draft.hooks.with(duty, made);
      }
      if (draft.hooks.isCalled(duty.server()) || awaitsFence(duty, due)) {
        continue; // The end of a call is news.
      }
      Duration wait = untilNext(duty, made);
      if (wait.isZero()) {
        draft.hooks = draft.hooks.with(duty, made.begun(view.now()));
        draft.call(new HookProgress.Running(duty.server(), duty, null), hookCall(duty, made));
      } else {
        draft.wakeIn(wait);
      }
    }
  }

  /**
   * Whether the promotion of a server waits, as a planned switch that failed may have left another
   * one the master: that is fenced first, if its machine is heard of, for as long as its calls are
   * not passed on. At another failover nobody waits for a fence.
   */
  private boolean awaitsFence(Duty duty, Set<Duty> due) {
    if (!isToServe(duty) || !draft.isLeftWithNobody() || draft.agreed.owed().passed() > 0) {
      return false;
    }
    return due.stream()
        .filter(other -> !other.promote() && !view.silent().contains(other.server()))
        .map(other -> draft.hooks.attempts().get(other))
        .anyMatch(
            made ->
                made == null
                    || made.last() == Call.RUNNING
                    || made.calls() < RoleMachine.MOST_IN_VAIN);
  }

  /** Forgets the attempts, as they are of another epoch or turn. */
  private void beginTurn() {
    HookProgress before = draft.hooks;
    long epoch = announced();
    int passed = draft.agreed.owed().passed();
    int inVain = passed == before.turn().passed() ? before.turn().inVain() : 0;
    draft.hooks =
        before
            .with(Map.of(), epoch == before.turn().epoch() ? before.reported() : Map.of())
            .with(new Turn(epoch, passed, before.turn().since(), inVain));
  }

  private void retain(Set<Duty> due) {
    Map<Duty, HookAttempts> attempts = new HashMap<>(draft.hooks.attempts());
    Map<Duty, Call> reported = new HashMap<>(draft.hooks.reported());
    attempts.keySet().retainAll(due);
    reported.keySet().retainAll(due);
    draft.hooks = draft.hooks.with(attempts, reported);
  }

  private Duration untilNext(Duty duty, HookAttempts made) {
    boolean awaited = isToServe(duty) && made.last() == Call.DONE;
    Duration next = awaited ? made.left(PROMOTION_TIME, view.now()) : made.next(view.now());
    return next == null ? Duration.ZERO : next;
  }

  /** Whether it is the promotion of a server that serves only then. */
  private boolean isToServe(Duty duty) {
    return duty.promote() && serving() == null;
  }

  /** Whether the calls are this replica's. */
  private boolean isFirst() {
    if (view.replicas().follows()) {
      return false;
    }
    Optional<Duration> wait = view.inTouch() ? view.replicas().hookTurn() : Optional.of(SETTLE);
    if (wait.isEmpty()) {
      return false; // A write is under way.
    }
    if (!wait.get().isZero()) {
      Turn over = draft.hooks.turn();
      draft.hooks = draft.hooks.with(new Turn(over.epoch(), over.passed(), null, 0));
      return false;
    }
    Turn turn = draft.hooks.turn();
    Instant since = turn.since();
    if (since == null) {
      boolean handed = turn.passed() >= 0 && turn.passed() < draft.agreed.owed().passed();
      since = handed ? view.now().minus(SETTLE) : view.now();
      draft.hooks = draft.hooks.with(new Turn(turn.epoch(), turn.passed(), since, 0));
    }
    Duration left = SETTLE.minus(Duration.between(since, view.now()));
    if (view.replicas().name().isEmpty() || !left.isPositive()) {
      return true;
    }
    draft.wakeIn(left);
    return false;
  }

  private Set<Duty> due(HookSettings settings) {
    Set<Duty> due = new LinkedHashSet<>();
    OwedHooks owed = owed();
    ServerId serving = serving();
    ServerId holder = serving == null ? owed.promote() : serving;
    if (holder == null) {
      return due;
    }
    if (holder.equals(owed.promote())) {
      due.add(new Duty(true, holder));
    }
    owed.demote().keySet().stream()
        .filter(server -> !server.equals(holder))
        .sorted()
        .forEach(server -> due.add(new Duty(false, server)));
    ChoiceExplanation.TwoPrimaries two = claim();
    if (two != null && settings.demote() != null && draft.pool().server(two.claimant()) != null) {
      due.add(new Duty(false, two.claimant()));
    }
    return due;
  }

  /** The claim to be primary beside the serving server; null if there is none. */
  private ChoiceExplanation.@Nullable TwoPrimaries claim() {
    ChoiceExplanation explanation = draft.explanation;
    ChoiceExplanation.TwoPrimaries two = explanation == null ? null : explanation.primaries();
    return two != null && two.serving().equals(serving()) ? two : null;
  }

  /** Writes that calls were made; returns whether it did. */
  private boolean writeDone() {
    OwedHooks owed = draft.agreed.owed();
    OwedHooks left = owed;
    for (Map.Entry<Duty, HookAttempts> each : draft.hooks.attempts().entrySet()) {
      Duty duty = each.getKey();
      if (each.getValue().last() == Call.DONE && !isToServe(duty)) {
        left = left.done(duty.promote(), duty.server());
      }
    }
    if (left.equals(owed)) {
      return false;
    }
    draft.propose(draft.agreed.with(left));
    return true;
  }

  /**
   * Passes the calls on to the next replica, if one has failed here too often; not while another
   * runs here, or has succeeded and its server must become usable.
   */
  private boolean passOn() {
    boolean inVain = false;
    for (Map.Entry<Duty, HookAttempts> each : draft.hooks.attempts().entrySet()) {
      if (isToServe(each.getKey()) && each.getValue().last() == Call.DONE) {
        return false;
      }
      inVain |= isToBePassedOn(each.getKey(), each.getValue());
    }
    if (!inVain || !draft.hooks.running().isEmpty()) {
      return false;
    }
    draft.propose(draft.agreed.with(draft.agreed.owed().passedOn()));
    return true;
  }

  /** Whether the next call is due, and it is another replica's. */
  private boolean isToBePassedOn(Duty duty, HookAttempts made) {
    return made.calls() - before() >= RoleMachine.MOST_IN_VAIN
        && (made.last() == Call.REFUSED || made.last() == Call.UNCERTAIN)
        && view.replicas().deciding().size() > 1
        && untilNext(duty, made).isZero();
  }

  /** How many calls of other replicas count for the time between calls: one for each turn. */
  private int before() {
    return Math.min(draft.agreed.owed().passed(), HookAttempts.MOST_DOUBLINGS);
  }

  /**
   * A call ended.
   *
   * @param of null if the call is not known
   */
  void called(HookProgress.@Nullable Running of, RoleInput.Called ended) {
    Call outcome = ended.result().outcome();
    Duty duty = of == null ? null : of.duty();
    HookAttempts made = duty == null ? null : draft.hooks.attempts().get(duty);
    if (duty == null
        || made == null
        || made.last() != Call.RUNNING
        || ended.call().epoch() != draft.hooks.turn().epoch()) {
      draft.emit(EventText.hookCalled(ended.call(), ended.result()));
      late(duty, ended);
      return;
    }
    draft.hooks = draft.hooks.with(duty, made.ended(outcome, view.now(), view.spread()));
    if (isToServe(duty)) {
      draft.hooks = draft.hooks.inVain(outcome == Call.DONE ? 0 : made.calls() - before());
    }
    Map<Duty, Call> reported = new HashMap<>(draft.hooks.reported());
    if (reported.put(duty, outcome) != outcome) {
      draft.emit(EventText.hookCalled(ended.call(), ended.result()));
    }
    draft.hooks = draft.hooks.with(draft.hooks.attempts(), reported);
  }

  /** A call that ended after the turn of this replica: what it did need not be done again. */
  private void late(@Nullable Duty duty, RoleInput.Called ended) {
    if (duty == null
        || isToServe(duty)
        || ended.result().outcome() != Call.DONE
        || ended.call().epoch() != announced()
        || draft.proposing
        || view.replicas().turn().isEmpty()) {
      return;
    }
    OwedHooks owed = draft.agreed.owed();
    OwedHooks left = owed.done(duty.promote(), duty.server());
    if (!left.equals(owed)) {
      draft.propose(draft.agreed.with(left));
    }
  }

  /** What calls for that call first, as all replicas know it: since when it is owed. */
  private Instant firstOccasion(Duty duty) {
    Instant owed =
        duty.promote() ? draft.agreed.since() : draft.agreed.owed().demote().get(duty.server());
    ChoiceExplanation.TwoPrimaries two = claim();
    if (owed != null) {
      return owed;
    }
    return two == null ? draft.agreed.since() : two.since();
  }

  /**
   * Whether an operator has that server promoted whatever it lacks: who switches to one that is not
   * usable yet has accepted that.
   */
  private boolean isLossAccepted(Duty duty) {
    OwedHooks owed = draft.agreed.owed();
    return duty.promote()
        && owed.pin()
        && draft.pool().provesRole()
        && duty.server().equals(owed.promote());
  }

  private HookCall hookCall(Duty duty, HookAttempts made) {
    AgreedRole agreed = draft.agreed;
    ServerId serving = serving();
    Server server = Objects.requireNonNull(draft.pool().server(duty.server()));
    ChoiceExplanation.TwoPrimaries two = duty.promote() ? null : claim();
    boolean claims = two != null && !agreed.owed().demote().containsKey(duty.server());
    SwitchReason reason = agreed.reason();
    return new HookCall(
        draft.pool(),
        duty.promote(),
        server,
        duty.promote() ? agreed.owed().from() : duty.server(),
        serving == null ? agreed.owed().promote() : serving,
        draft.hooks.turn().epoch(),
        made.occasion(),
        reason == null ? SwitchReason.RECOVERED : reason,
        two != null && claims ? two.why() : agreed.evidence(),
        agreed.operators().ofSwitch(),
        false,
        isLossAccepted(duty),
        Hook.LONGEST);
  }
}
