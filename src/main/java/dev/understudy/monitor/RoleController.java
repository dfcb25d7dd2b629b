package dev.understudy.monitor;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.DecisionThread;
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
import dev.understudy.failover.StaleClaims;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Hooks;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pool's role: chooses the serving server from the view of all replicas, proposes the choice
 * when it is this replica's turn, and adopts the agreement, whichever replica proposed it. While a
 * proposal is in flight no other is made, but news is still reported and decisions of others are
 * adopted.
 */
final class RoleController {
  private static final Logger log = LoggerFactory.getLogger(RoleController.class);
  private static final Duration PROPOSE_AGAIN = Duration.ofSeconds(1);

  /**
   * A change that the choice calls for.
   *
   * @param epoch the epoch that the change would begin or keep
   * @param since when it was first called for, without a break
   */
  private record PendingChange(long epoch, @Nullable ServerId to, Instant since) {
    boolean isFor(RoleState next) {
      return epoch == next.epoch() && Objects.equals(to, next.serving());
    }
  }

  private final MonitorContext context;
  private final PoolController pool;
  private final SwitchoverController switchover;
  private final HookController hooks;
  private AgreedRole agreed;
  private boolean proposing;
  private boolean stopped;
  private @Nullable PendingChange pending;
  private @Nullable ChoiceExplanation explanation;
  private StaleClaims staleClaims = StaleClaims.NONE;

  /** The two primaries that were reported; null once they are reported to be over. */
  private ChoiceExplanation.@Nullable TwoPrimaries reported;

  private DecisionThread.Timer lookAgain = () -> {};

  /** Takes up what is agreed on already. */
  RoleController(MonitorContext context, PoolController pool) {
    this.context = context;
    this.pool = pool;
    this.switchover = new SwitchoverController(context, pool, this);
    this.hooks = new HookController(context, pool, this);
    this.agreed =
        context.agreement().agreed(pool.id()).orElseGet(() -> AgreedRole.nothing(context.now()));
  }

  AgreedRole agreed() {
    return agreed;
  }

  /** Why the choice stays as it is; null if there is nothing to explain. */
  @Nullable ChoiceExplanation explanation() {
    return explanation;
  }

  /**
   * Reviews the pool for the first time.
   *
   * @param keptFrom source of an earlier agreement, for people
   */
  void begin(String keptFrom) {
    AgreedRole before = agreed;
    switchover.follow(before.planned(), true);
    review();
    ServerId serving = agreed.roleState().serving();
    if (serving != null && agreed.roleState().epoch() == before.roleState().epoch()) {
      context.events().add(EventText.kept(pool.id(), agreed.roleState(), serving, keptFrom));
    }
  }

  void stop() {
    stopped = true;
    lookAgain.cancel();
    switchover.stop();
    hooks.stop();
  }

  /** Whether the pool was removed; the result of a call may come after that. */
  boolean isStopped() {
    return stopped;
  }

  boolean proposing() {
    return proposing;
  }

  /** The pool's servers as all replicas see them. */
  Map<ServerId, Candidate> view() {
    return context.agreement().view(pool.inForce(), pool.candidates());
  }

  /** The servers that are usable in the view of all replicas. */
  Set<ServerId> usable() {
    return Failover.usable(pool.inForce(), view());
  }

  /** Marks the servers that must not get the role by themselves. */
  Map<ServerId, Candidate> marked(Map<ServerId, Candidate> seen) {
    return staleClaims.mark(seen);
  }

  /** Reports this replica's view to the others and makes the choice; to be called on all news. */
  void review() {
    if (stopped) {
      return;
    }
    staleClaims = staleClaims.next(pool.inForce(), pool.candidates(), agreed.roleState());
    context.agreement().report(pool.file(), pool.inForce(), pool.candidates());
    if (proposing) {
      return;
    }
    lookAgain.cancel();
    if (!switchover.decidesAlone()) {
      choose();
    }
    AgreedRole before = agreed;
    if (!proposing) {
      switchover.advance();
    }
    if (!proposing && !agreed.equals(before)) {
      lookAgainIn(Duration.ZERO); // The choice was made from what was agreed on before.
    }
    if (!proposing) {
      explain();
      hooks.advance();
    }
  }

  /** The pool's calls of hooks that no planned switch makes. */
  HookController hooks() {
    return hooks;
  }

  /** The pool's planned switch. */
  SwitchoverController switchover() {
    return switchover;
  }

  private void choose() {
    Choice choice =
        unlessAwaited(Failover.choose(pool.inForce(), view(), agreed.roleState(), context.now()));
    pool.reviewed();
    Instant when = earlier(choice.lookAgain(), lookAtConditions());
    if (when != null) {
      lookAgainIn(Duration.between(context.now(), when));
    }
    if (choice instanceof Choice.Switch change
        && change.reason() == SwitchReason.FAILBACK
        && !pool.inForce().settings().hooks().isEmpty()
        && switchover.isInTouch()) {
      failBackInPhases(change);
      return;
    }
    Promotion.Result result = promotingFirst(choice);
    if (isDue(result.choice())) {
      var unused = carryOut(result, null);
    }
  }

  /**
   * The choice; after a restart, not to leave a server that is still to be found: for another one
   * only once no response of its name server or cluster is to be expected soon.
   */
  private Choice unlessAwaited(Choice choice) {
    return choice instanceof Choice.Switch change
            && pool.awaits(change.from())
            && (change.to() == null || !pool.isDiscovered())
        ? new Choice.Stay(agreed.roleState(), null)
        : choice;
  }

  /**
   * Fences the serving server before the better one is promoted. A failback that is given up begins
   * no epoch, so that other replicas' votes may be older than that: this one's must agree.
   */
  private void failBackInPhases(Choice.Switch change) {
    ServerId to = Objects.requireNonNull(change.to());
    PlannedSwitch planned = switchover.planned();
    if (planned != null && planned.isActive()) {
      return;
    }
    FailbackEligibility own = ownEligibility();
    PlannedSwitch failback = own.fit().contains(to) ? switchover.failback(to) : null;
    if (failback == null) {
      lookAgainIn(PROPOSE_AGAIN);
    } else if (isDue(change)) {
      var unused = propose(switchover.agreedIn(failback));
    }
  }

  /**
   * What becomes of a choice, if the new server must be promoted before it serves. Out of touch no
   * hook can be called: only what served last, or proves the role, serves then.
   */
  private Promotion.Result promotingFirst(Choice choice) {
    Pool inForce = pool.inForce();
    RoleState current = agreed.roleState();
    SwitchReason reason = agreed.reason();
    if (!inForce.settings().hooks().promotesFirst() || reason == null) {
      return new Promotion.Result(choice);
    }
    if (!switchover.isInTouch()) {
      ServerId to = choice.roleState().serving();
      if (to == null
          || to.equals(current.serving())
          || to.equals(agreed.owed().from())
          || inForce.provesRole()) {
        return new Promotion.Result(choice);
      }
      if (current.serving() == null) {
        return new Promotion.Result(new Choice.Stay(current, null));
      }
    }
    return new Promotion(inForce, view(), current)
        .of(choice, hooks.pending(), reason, agreed.evidence());
  }

  /**
   * Looks at this replica's part in the further conditions of a failback.
   *
   * @return when to look at them again; null if only news can change them
   */
  private @Nullable Instant lookAtConditions() {
    if (!pool.inForce().failback().hasConditions()) {
      pool.warmUp(null);
      return null;
    }
    FailbackEligibility own = ownEligibility();
    pool.warmUp(own.warmUp());
    return own.lookAgain();
  }

  private FailbackEligibility ownEligibility() {
    return FailbackEligibility.of(
        pool.inForce(), pool.candidates(), agreed.roleState(), context.now());
  }

  private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.isBefore(b) ? a : b;
  }

  /** Whether the choice changes anything, and it is this replica's turn to propose it. */
  private boolean isDue(Choice choice) {
    RoleState next = choice.roleState();
    if (next.equals(agreed.roleState())) {
      pending = null;
      return false;
    }
    PendingChange current = pending;
    if (current == null || !current.isFor(next)) {
      current = new PendingChange(next.epoch(), next.serving(), context.now());
      pending = current;
    }
    Optional<Duration> turn = context.agreement().turn(pool.id());
    if (turn.isEmpty()) {
      return false;
    }
    Duration wait = turn.get().minus(Duration.between(current.since(), context.now()));
    if (wait.isPositive()) {
      lookAgainIn(wait);
      return false;
    }
    return true;
  }

  /** Has the pool reviewed then, instead of at another time that was set before. */
  private void lookAgainIn(Duration wait) {
    lookAgain.cancel();
    lookAgain = context.scheduler().schedule(wait, this::review);
  }

  /** Emits why the choice stays as it is, once for each cause. */
  private void explain() {
    ChoiceExplanation before = explanation;
    ChoiceExplanation next =
        ChoiceExplainer.of(pool.inForce(), view(), agreed.roleState(), context.now());
    explanation = next;
    announcePrimaries(next);
    if (next != null
        && !(next instanceof ChoiceExplanation.TwoPrimaries)
        && !switchover.isFailingBack()
        && !next.sameCause(before)) {
      context.events().add(EventText.begins(pool.id(), next, context.now()));
    }
    if (!Objects.equals(next, before)) {
      pool.adopted();
    }
  }

  /**
   * Emits two primaries, and that they are over: once the claim has ended, or the holder denies the
   * role, but not while the holder does not respond, or an operator has switched between the two.
   */
  private void announcePrimaries(@Nullable ChoiceExplanation next) {
    ChoiceExplanation.TwoPrimaries before = reported;
    boolean beforeRecovery = next == null && agreed.roleState().serving() == null;
    if (beforeRecovery) {
      return;
    }
    if (before != null && (next == null || next.primaries() == null)) {
      reported = null;
      context.events().add(EventText.onePrimary(pool.id(), before));
    } else if (next instanceof ChoiceExplanation.TwoPrimaries two && !two.sameCause(before)) {
      reported = two;
      context.events().add(EventText.begins(pool.id(), two, context.now()));
    }
  }

  /** Another replica changed the agreement or its view. */
  void follow() {
    context.agreement().agreed(pool.id()).ifPresent(this::adopt);
    review();
  }

  /**
   * Ends the pin.
   *
   * @param by null if not known
   * @return whether there was a pin
   */
  CompletableFuture<Boolean> unpin(@Nullable Operator by) {
    boolean failed = switchover.decidesAlone();
    if (agreed.roleState().pinned() == null && !failed) {
      return CompletableFuture.completedFuture(false);
    }
    AgreedRole unpinned = agreed.withPin(agreed.roleState().unpinned(), by);
    AgreedRole next = failed ? unpinned.with((PlannedSwitch) null) : unpinned;
    return propose(next).thenApply(holds -> reviewed(holds, next.roleState(), true));
  }

  /**
   * Switches to a server and pins it, for an operator.
   *
   * @param by null if not known
   * @return empty if not possible; else whether the serving server or the pin changed. Fails if
   *     another replica's change came first
   */
  Optional<CompletableFuture<Boolean>> pin(ServerId to, @Nullable Operator by) {
    RoleState before = agreed.roleState();
    return Failover.switchTo(pool.inForce(), view(), before, to)
        .map(
            choice -> {
              Promotion.Result result =
                  choice instanceof Choice.Switch change
                          && pool.inForce().settings().hooks().promotesFirst()
                      ? new Promotion(pool.inForce(), view(), before).byCommand(change)
                      : new Promotion.Result(choice);
              RoleState wanted = result.choice().roleState();
              return carryOut(result, by)
                  .thenApply(holds -> reviewed(holds, wanted, !wanted.equals(before)));
            });
  }

  private boolean reviewed(AgreedRole holds, RoleState wanted, boolean result) {
    review();
    RoleState is = holds.roleState();
    if (is.epoch() != wanted.epoch()
        || !Objects.equals(is.serving(), wanted.serving())
        || !Objects.equals(is.pinned(), wanted.pinned())) {
      throw new IllegalStateException("another replica made a change first");
    }
    return result;
  }

  /**
   * Proposes the choice.
   *
   * @param by who asked for it; null for a choice of the replicas' own
   */
  private CompletableFuture<AgreedRole> carryOut(Promotion.Result result, @Nullable Operator by) {
    Choice choice = result.choice();
    if (choice.roleState().equals(agreed.roleState())) {
      return CompletableFuture.completedFuture(agreed);
    }
    return propose(
        switch (choice) {
          case Choice.Stay stay
              when Objects.equals(stay.roleState().pinned(), agreed.roleState().pinned()) ->
              agreed.with(stay.roleState());
          case Choice.Stay stay -> agreed.withPin(stay.roleState(), by);
          case Choice.Switch change ->
              AgreedRole.upon(change, context.now())
                  .with(operatorsBehind(change, result.pin(), by))
                  .with(switchover.after(change))
                  .with(owedAfter(change, result));
        });
  }

  private RoleOperators operatorsBehind(Choice.Switch change, boolean pin, @Nullable Operator by) {
    if (isPromoted(change.to())) {
      return agreed.operators();
    }
    return change.roleState().pinned() != null || pin
        ? RoleOperators.ofSwitch(by, true)
        : context.agreement().operatorStates(pool.id()).behind(change);
  }

  private OwedHooks owedAfter(Choice.Switch change, Promotion.Result result) {
    ServerId to = result.first() == null ? change.to() : result.first();
    boolean told = change.reason() != SwitchReason.INITIAL && !isPromoted(change.to());
    OwedHooks owed =
        hooks
            .owedAfterRefusal()
            .moved(
                change.from(),
                to,
                told,
                Hooks.of(pool.inForce().settings().hooks()),
                context.now());
    return result.pin() ? owed.pinning() : owed;
  }

  /** Whether it is the server that had to be promoted before it serves, and was. */
  private boolean isPromoted(@Nullable ServerId server) {
    Promotion.Pending pending = hooks.pending();
    return pending != null
        && pending.server().equals(server)
        && pending.progress() == Promotion.Progress.DONE;
  }

  /**
   * Proposes {@code next} to the replicas.
   *
   * @return completed on the monitor's thread, once the agreement is adopted
   */
  CompletableFuture<AgreedRole> propose(AgreedRole next) {
    if (stopped) {
      return CompletableFuture.failedFuture(gone());
    }
    CompletableFuture<AgreedRole> reached = context.agreement().propose(pool.id(), agreed, next);
    if (reached.isDone() && !reached.isCompletedExceptionally()) {
      adopt(reached.join());
      return reached;
    }
    proposing = true;
    CompletableFuture<AgreedRole> adopted = new CompletableFuture<>();
    context.scheduler().whenDone(reached, (holds, failure) -> proposed(adopted, holds, failure));
    return adopted;
  }

  private void proposed(
      CompletableFuture<AgreedRole> adopted,
      @Nullable AgreedRole holds,
      @Nullable Throwable failure) {
    proposing = false;
    if (stopped) {
      adopted.completeExceptionally(gone());
    } else if (holds == null) {
      log.warn("Pool {}: the replicas did not agree: {}", pool.id(), PoolController.why(failure));
      // News that came during the proposal has not been reviewed, whatever the proposal was.
      lookAgainIn(PROPOSE_AGAIN);
      adopted.completeExceptionally(failure == null ? new IllegalStateException() : failure);
    } else {
      adopt(holds);
      adopted.complete(holds);
      review();
    }
  }

  private IllegalStateException gone() {
    return new IllegalStateException("pool " + pool.id() + " is gone");
  }

  /** Adopts an agreement, this replica's or another's; never one of an older epoch. */
  private void adopt(AgreedRole next) {
    AgreedRole before = agreed;
    if (next.equals(before) || next.roleState().epoch() < before.roleState().epoch()) {
      return;
    }
    agreed = next;
    switchover.follow(next.planned(), before.roleState().epoch() == 0);
    if (next.roleState().epoch() != before.roleState().epoch()
        || !Objects.equals(next.roleState().serving(), before.roleState().serving())) {
      changed(before, next);
      explanation = null;
      pending = null;
    }
    announcePin(before.roleState(), next.roleState(), next.operators());
    explainWithoutEvent(next.roleState());
    pool.adopted();
  }

  private void changed(AgreedRole before, AgreedRole next) {
    ServerId from = before.roleState().serving();
    ServerId to = next.roleState().serving();
    pool.switched(from, to);
    boolean joined =
        before.roleState().epoch() == 0
            && next.roleState().epoch() > 1
            && next.reason() != SwitchReason.INITIAL;
    if (to != null && (joined || to.equals(from))) {
      String how = joined ? "as the replicas agreed" : next.evidence();
      context.events().add(EventText.kept(pool.id(), next.roleState(), to, how));
    } else if (next.reason() != null) {
      PendingChange change = pending;
      Instant firstBad = from == null ? null : pool.firstBad(from);
      context
          .events()
          .add(
              EventText.switched(
                  pool.id(),
                  from,
                  next,
                  firstBad == null ? null : Duration.between(firstBad, context.now()),
                  change == null ? null : Duration.between(change.since(), context.now())));
    }
  }

  private void announcePin(RoleState before, RoleState next, RoleOperators operators) {
    ServerId was = before.pinned();
    ServerId is = next.pinned();
    if (is != null && !is.equals(was)) {
      context.events().add(EventText.pinned(pool.id(), is, operators.ofPin()));
    } else if (is == null && was != null) {
      boolean bySwitch = next.epoch() != before.epoch();
      Operator by = bySwitch ? operators.ofSwitch() : operators.ofPin();
      context.events().add(EventText.unpinned(pool.id(), was, bySwitch, by));
    }
  }

  /** Sets the explanation without an event where the event of the change explains it already. */
  private void explainWithoutEvent(RoleState next) {
    if (next.serving() == null || next.pinned() != null) {
      explanation = ChoiceExplainer.of(pool.inForce(), view(), next, context.now());
    }
  }
}
