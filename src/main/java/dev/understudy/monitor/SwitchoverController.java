package dev.understudy.monitor;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.event.EventText;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchFacts.Hooks;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchFacts.Target;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.switchover.SwitchStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One pool's planned switch at this replica: follows the agreed phases, tells the others when this
 * replica sends nothing to the old server any more, and takes the steps that are its own.
 */
final class SwitchoverController {
  /** How often the counts of running requests are looked at while they are awaited. */
  private static final Duration POLL = Duration.ofMillis(5);

  /**
   * How long a replica that is out of touch holds its clients beyond the pause: whoever may move
   * the role was in touch within this time, and began to count no later.
   */
  private static final Duration GRACE = Duration.ofSeconds(4);

  private final MonitorContext context;
  private final PoolController pool;
  private final RoleController role;
  private @Nullable PlannedSwitch seen;
  private Instant phaseSince = Instant.EPOCH;
  private Instant pausedSince = Instant.EPOCH;

  /** Whether clients are held here. */
  private boolean pausing;

  /** Whether every event loop has seen the pause. */
  private boolean seenByAll;

  private Release told = Release.NONE;

  /** Until when the old server may have been fenced. */
  private Instant fencedUntil = Instant.MIN;

  /** The call that this replica made in the present phase. */
  private @Nullable HookResult call;

  /** Whether another, or an earlier process of this replica, may have made that call already. */
  private boolean repeated;

  /** The write that is due, and since when: the replicas make it in turn. */
  private @Nullable PlannedSwitch due;

  private Instant dueSince = Instant.EPOCH;
  private DecisionThread.Timer lookAgain = () -> {};
  private DecisionThread.Timer poll = () -> {};
  private DecisionThread.Timer release = () -> {};

  SwitchoverController(MonitorContext context, PoolController pool, RoleController role) {
    this.context = context;
    this.pool = pool;
    this.role = role;
  }

  void stop() {
    lookAgain.cancel();
    poll.cancel();
    release.cancel();
  }

  /** The switch that is under way, or the last one; null if there was none. */
  @Nullable PlannedSwitch planned() {
    return seen;
  }

  /** Whether clients are held. */
  boolean isPausing() {
    return pausing;
  }

  /**
   * Begins or ends the pause here. Out of touch it ends by itself, and with it what this replica
   * told the others: from then on requests run at the old server again.
   */
  private void updatePause() {
    PlannedSwitch now = seen;
    boolean next =
        now != null
            && now.phase().pauses()
            && pool.inForce().mode() == PoolMode.FAILOVER
            && (isInTouch() || context.now().isBefore(endOfPromise(now)));
    if (next != pausing) {
      noteFence();
      pausing = next;
      seenByAll = false;
      withdraw();
      pool.adopted();
    }
  }

  /**
   * Whether a hook may be fencing the old server. From what this replica told the others on, the
   * call may begin at any time; they may not have told it yet.
   */
  private boolean mayBeFencing() {
    PlannedSwitch now = seen;
    return now != null
        && pausing
        && (told == Release.RELEASED || now.phase().isFenced())
        && !hooks().equals(Hooks.NONE);
  }

  private void noteFence() {
    if (mayBeFencing()) {
      fencedUntil = context.now();
    }
  }

  /**
   * Whether that server may have been fenced since then. Then what is bad there says nothing about
   * who shall serve if the switch does not succeed.
   */
  boolean isFencedSince(ServerId server, Instant since) {
    PlannedSwitch now = seen;
    return now != null
        && server.equals(now.from())
        && (since.isBefore(fencedUntil) || mayBeFencing());
  }

  private void withdraw() {
    told = Release.NONE;
    acknowledge(null);
  }

  private Instant endOfPromise(PlannedSwitch now) {
    return pausedSince.plus(now.request().pause()).plus(GRACE);
  }

  boolean isInTouch() {
    return context.agreement().whyNoCommands().isEmpty();
  }

  /** Whether nothing but the planned switch, or an operator, may change who serves. */
  boolean decidesAlone() {
    PlannedSwitch now = seen;
    return now != null
        && ((now.phase().isFenced() && pausing)
            || now.leftNobody(role.agreed().roleState().epoch()));
  }

  /** Whether a failback in phases is under way. */
  boolean isFailingBack() {
    PlannedSwitch now = seen;
    return now != null && now.isActive() && now.request().failback();
  }

  /** Whether only the planned switch calls hooks. */
  boolean makesCalls() {
    PlannedSwitch now = seen;
    return now != null && now.phase().pauses();
  }

  /** The switch as it is after another change of the serving server. */
  @Nullable PlannedSwitch after(Choice.Switch change) {
    PlannedSwitch now = seen;
    return now == null || !now.isActive()
        ? now
        : now.givenUp(facts(now), "the role moved meanwhile: " + change.reason().words());
  }

  /** Takes the agreed state. */
  void follow(@Nullable PlannedSwitch next, boolean joined) {
    PlannedSwitch before = seen;
    if (Objects.equals(next, before)) {
      return;
    }
    noteFence();
    seen = next;
    PlannedSwitch same =
        before != null && next != null && before.id().equals(next.id()) ? before : null;
    if (same == null) {
      seenByAll = false;
      withdraw();
    }
    if (next == null) {
      stop();
      updatePause();
      return;
    }
    boolean pausedBefore = same != null && same.phase().pauses();
    if (same == null || same.phase() != next.phase()) {
      phaseSince = context.now();
      call = null;
      repeated = joined || context.agreement().follows();
      if (!joined || next.isActive()) {
        context.events().add(EventText.planned(pool.id(), next, pausedFor(next, pausedBefore)));
      }
    } else if (!same.driver().equals(next.driver())) {
      call = null;
      repeated = true;
    }
    if (next.phase().pauses() && !pausedBefore) {
      pausedSince = context.now();
      release =
          context
              .scheduler()
              .schedule(Duration.between(context.now(), endOfPromise(next)), this::updatePause);
    } else if (!next.phase().pauses()) {
      stop();
    }
    updatePause();
  }

  private @Nullable Duration pausedFor(PlannedSwitch next, boolean pausedBefore) {
    return pausedBefore && !next.phase().pauses()
        ? Duration.between(pausedSince, context.now())
        : null;
  }

  /** Every event loop of this replica has seen the pause. */
  void seenByAll(String planned) {
    if (pausing && seen != null && seen.id().equals(planned)) {
      seenByAll = true;
      lookAtTraffic();
    }
  }

  /** A client was refused, as a bound of the hold is reached. */
  void holdFull() {
    if (pausing && seen != null && seen.phase() == SwitchPhase.PAUSING && told != Release.FULL) {
      tell(Release.FULL);
    }
  }

  private void lookAtTraffic() {
    poll.cancel();
    PlannedSwitch now = seen;
    if (now == null || !pausing || !seenByAll || told == Release.RELEASED) {
      return;
    }
    Release before = context.processes().before(pool.id(), now.id());
    if (before == Release.FULL) {
      holdFull();
    }
    if (pool.isIdle(now.to()) && before == Release.RELEASED) {
      tell(Release.RELEASED);
    } else {
      poll = context.scheduler().schedule(POLL, this::lookAtTraffic);
    }
  }

  private void tell(Release release) {
    told = release;
    acknowledge(new Acknowledgement(Objects.requireNonNull(seen).id(), release));
    role.review();
  }

  private void acknowledge(@Nullable Acknowledgement given) {
    context.agreement().acknowledge(pool.id(), given);
    context.processes().tell(pool.id(), given);
  }

  /** Takes the step that is due, if it is this replica's. */
  void advance() {
    updatePause();
    PlannedSwitch now = seen;
    lookAgain.cancel();
    if (now == null || !now.isActive() || role.proposing() || !isInTouch()) {
      return;
    }
    switch (now.step(facts(now))) {
      case SwitchStep.Wait wait -> {
        due = null;
        if (wait.lookAgain() != null) {
          lookAgainIn(wait.lookAgain());
        }
      }
      case SwitchStep.Write write -> write(write);
      case SwitchStep.Call toMake -> call(now, toMake);
    }
  }

  private void lookAgainIn(Duration wait) {
    lookAgain = context.scheduler().schedule(wait, role::review);
  }

  private void write(SwitchStep.Write write) {
    PlannedSwitch before = due;
    if (before == null || before.phase() != write.next().phase()) {
      dueSince = context.now();
    }
    due = write.next();
    Optional<Duration> turn = context.agreement().turn(pool.id());
    if (turn.isEmpty()) {
      return;
    }
    Duration wait =
        write.inTurn()
            ? turn.get().minus(Duration.between(dueSince, context.now()))
            : Duration.ZERO;
    if (wait.isPositive()) {
      lookAgainIn(wait);
    } else {
      due = null;
      PlannedSwitch now = seen;
      var unused = role.propose(agreedIn(write.next()));
      if (!role.proposing() && !Objects.equals(seen, now)) {
        advance(); // Decided alone: the next step may be due at once.
      }
    }
  }

  /** What the replicas agree on in that phase. */
  AgreedRole agreedIn(PlannedSwitch next) {
    AgreedRole agreed = role.agreed();
    RoleState current = agreed.roleState();
    OwedHooks owed = agreed.owed();
    Operator by = next.request().by();
    boolean failback = next.request().failback();
    return switch (next.phase()) {
      case MOVED ->
          AgreedRole.upon(moved(next, current), context.now())
              .with(RoleOperators.ofSwitch(by, true))
              .with(next)
              .with(owed.planned(next.to()));
      case FENCING, PROMOTING -> agreed.with(next).with(owed.planned(next.from()));
      case ROLLING_BACK ->
          agreed.with(next).with(mayBePromoted() ? fencing(owed, next.to()) : owed);
      case FAILED ->
          AgreedRole.upon(
                  Failover.move(
                      pool.inForce(),
                      role.view(),
                      current,
                      null,
                      next.epoch() + 1,
                      SwitchReason.NO_SERVER,
                      "a "
                          + next.request().words()
                          + " failed: "
                          + next.why()
                          + (failback ? "" : "; an operator has to decide")),
                  context.now())
              .with(RoleOperators.ofSwitch(by, false))
              .with(next)
              .with(fencing(fencing(owed, next.from()), next.to()));
      case ROLLED_BACK ->
          agreed.with(tried(failback, current.inEpoch(next.epoch() + 1))).with(next);
      case GIVEN_UP -> agreed.with(tried(failback, current)).with(next);
      case SCHEDULED, PAUSING -> agreed.with(next);
    };
  }

  /** Whether the new server may have been promoted in the present phase. */
  private boolean mayBePromoted() {
    return seen != null
        && seen.phase() == SwitchPhase.PROMOTING
        && (call == null ? repeated : call.outcome() != Call.REFUSED);
  }

  private RoleState tried(boolean failback, RoleState current) {
    return failback ? Failover.triedFailback(pool.inForce(), current, context.now()) : current;
  }

  /** What is owed once nobody knows whether that server is the master. */
  private OwedHooks fencing(OwedHooks owed, ServerId server) {
    return owed.moved(server, null, false, hooks(), context.now());
  }

  private Choice.Switch moved(PlannedSwitch next, RoleState current) {
    return next.request().failback()
        ? Failover.moveBack(
            pool.inForce(),
            role.view(),
            current,
            next.to(),
            next.epoch(),
            "a failback in phases: " + next.why(),
            context.now())
        : Failover.move(
            pool.inForce(),
            role.view(),
            current,
            next.to(),
            next.epoch(),
            SwitchReason.OPERATOR,
            "a planned switch, pinned until the pool is set to auto or the server fails: "
                + next.why());
  }

  private void call(PlannedSwitch of, SwitchStep.Call toMake) {
    Server server = pool.inForce().server(toMake.server());
    if (server == null) {
      call = new HookResult(Call.REFUSED, "it is not in the pool", Duration.ZERO);
      lookAgainIn(Duration.ZERO);
      return;
    }
    call = new HookResult(Call.RUNNING, "", Duration.ZERO);
    HookCall made = hookCall(of, toMake.promote(), server, toMake.epoch(), toMake.within());
    context.call(
        made,
        result -> {
          context.events().add(EventText.hookCalled(made, result));
          if (Objects.equals(seen, of)) {
            call = repeated ? result.ofRepeatedCall() : result;
            role.review();
          }
        });
  }

  private HookCall hookCall(
      PlannedSwitch of, boolean promote, Server server, long epoch, Duration within) {
    return new HookCall(
        pool.inForce(),
        promote,
        server,
        of.from(),
        of.to(),
        epoch,
        of.request().failback() ? SwitchReason.FAILBACK : SwitchReason.OPERATOR,
        "a " + of.request().words(),
        of.request().by(),
        true,
        within);
  }

  /**
   * Why a hook that a switch would call could not be called, for people; empty if nothing is known
   * to be wrong.
   */
  CompletableFuture<String> problemOfHooks(PlannedSwitch planned) {
    CompletableFuture<String> first = problemOfHook(planned, false);
    return first.thenCombine(
        problemOfHook(planned, true), (demote, promote) -> demote.isEmpty() ? promote : demote);
  }

  private CompletableFuture<String> problemOfHook(PlannedSwitch planned, boolean promote) {
    ServerId at = promote ? planned.to() : planned.from();
    Server server = pool.inForce().server(at);
    if (server == null || pool.inForce().settings().hooks().of(promote) == null) {
      return CompletableFuture.completedFuture("");
    }
    HookCall call = hookCall(planned, promote, server, planned.epoch(), planned.request().pause());
    return context
        .hooks()
        .problem(call)
        .thenApply(
            problem ->
                problem.isEmpty()
                    ? ""
                    : "hook %s of %s: %s".formatted(call.hook(), at.words(), problem));
  }

  private SwitchFacts facts(PlannedSwitch of) {
    Instant now = context.now();
    RoleState current = role.agreed().roleState();
    return facts(
        of.id(),
        of.to(),
        Duration.between(phaseSince, now),
        of.phase().pauses() ? Duration.between(pausedSince, now) : Duration.ZERO,
        of.from().equals(current.serving()) && current.epoch() == of.epoch() - 1,
        call);
  }

  private SwitchFacts facts(
      String planned,
      ServerId to,
      Duration inPhase,
      Duration paused,
      boolean serves,
      @Nullable HookResult made) {
    Pool inForce = pool.inForce();
    return new SwitchFacts(
        context.now(),
        inPhase,
        paused,
        context.agreement().replica(),
        context.agreement().releases(pool.id(), planned),
        serves,
        target(to),
        hooks(),
        made == null ? null : made.outcome(),
        made == null ? "" : made.detail(),
        inForce.settings().hold().time(),
        inForce.protocol() == Protocol.TCP);
  }

  private Hooks hooks() {
    return Hooks.of(pool.inForce().settings().hooks());
  }

  private Target target(ServerId to) {
    Map<ServerId, Candidate> view = role.view();
    Candidate candidate = view.get(to);
    if (Failover.usable(pool.inForce(), view).contains(to)) {
      return Target.USABLE;
    }
    if (candidate != null && candidate.awaited()) {
      return Target.UNKNOWN;
    }
    return candidate != null
            && candidate.operatorState() == OperatorState.READY
            && candidate.lastProbeHadResponse()
        ? Target.RESPONDS
        : Target.UNUSABLE;
  }

  /**
   * The switch that a request would begin.
   *
   * @return why it is refused, for people; or the switch
   */
  Begin begin(SwitchRequest request) {
    RoleState current = role.agreed().roleState();
    ServerId from = current.serving();
    PlannedSwitch under = seen;
    if (under != null && under.isActive()) {
      String words = under.request().words();
      return new Begin(null, "a " + words + " to " + under.to().words() + " is under way already");
    }
    if (from == null) {
      return new Begin(
          null,
          "nobody serves pool "
              + pool.id()
              + ", so there is no role to hand over: switch without a plan");
    }
    if (from.equals(request.to())) {
      return new Begin(null, from.words() + " serves already");
    }
    if (pool.inForce().settings().hold().time().isZero()) {
      return new Begin(null, "hold.time of pool " + pool.id() + " is 0, so clients cannot be held");
    }
    Optional<String> silent = context.agreement().silentReplica();
    if (silent.isPresent()) {
      return new Begin(
          null, "nothing has been heard from replica " + silent.get() + " for a while");
    }
    String switchId = current.epoch() + "-" + Long.toHexString(context.random().nextLong());
    SwitchFacts facts = facts(switchId, request.to(), Duration.ZERO, Duration.ZERO, true, null);
    boolean later = request.at() != null && request.at().isAfter(context.now());
    String whyNot = later ? "" : whyNot(request.to(), facts);
    return whyNot.isEmpty()
        ? new Begin(PlannedSwitch.begin(switchId, from, request, current.epoch(), facts), "")
        : new Begin(null, whyNot);
  }

  private static String whyNot(ServerId to, SwitchFacts facts) {
    return facts.target() == Target.UNKNOWN
        ? to.words() + " has not been checked yet"
        : PlannedSwitch.whyNot(to, facts);
  }

  /** A switch that may begin, or why it may not. */
  record Begin(@Nullable PlannedSwitch planned, String whyNot) {}

  /**
   * Begins a failback in phases, unless a planned switch is under way.
   *
   * @return null if it cannot begin now
   */
  @Nullable PlannedSwitch failback(ServerId to) {
    return begin(SwitchRequest.failback(to, pool.inForce().settings().hooks())).planned();
  }

  /** The switch given up by an operator; null if there is none that can be. */
  @Nullable PlannedSwitch givenUp(@Nullable Operator by) {
    PlannedSwitch now = seen;
    return now == null ? null : now.givenUp(facts(now), "an operator gave it up" + Operator.by(by));
  }
}
