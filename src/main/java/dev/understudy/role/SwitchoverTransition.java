package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
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
import dev.understudy.role.SwitchProgress.Due;
import dev.understudy.role.SwitchProgress.Pause;
import dev.understudy.role.SwitchProgress.Phase;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchDecision;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchFacts.Target;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.switchover.SwitchStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The planned switch in one step of the {@link RoleMachine}: follows the agreed phases, tells the
 * others when this replica sends nothing to the old server any more, and takes the steps that are
 * this replica's own.
 */
final class SwitchoverTransition {
  private final RoleDraft draft;
  private final RoleView view;

  SwitchoverTransition(RoleDraft draft) {
    this.draft = draft;
    this.view = draft.view;
  }

  /**
   * Begins or ends the pause here. Out of touch it ends by itself, and with it what this replica
   * told the others: from then on requests run at the old server again.
   */
  void updatePause() {
    PlannedSwitch planned = draft.planned();
    Duration promised = Duration.ZERO;
    boolean pauses = false;
    if (planned != null && planned.phase().pauses()) {
      promised = Duration.between(view.now(), draft.switching.endOfPromise(planned));
      pauses = draft.pool().mode() == PoolMode.FAILOVER;
    }
    if (promised.isPositive()) {
      draft.wakeIn(promised);
    }
    boolean next = pauses && (view.inTouch() || promised.isPositive());
    if (next != draft.switching.pause().holds()) {
      noteFence();
      withdraw(next);
      draft.publish();
    }
  }

  /** Notes that the old server may have been fenced until now. */
  void noteFence() {
    PlannedSwitch planned = draft.planned();
    if (planned != null && draft.switching.mayBeFencing(planned, view.hooks())) {
      draft.switching = draft.switching.fencedUntil(view.now());
      draft.effects.add(new RoleEffect.JudgeAnew(planned.from()));
    }
  }

  private void withdraw(boolean pauses) {
    Instant since = draft.switching.pause().since();
    draft.switching = draft.switching.with(new Pause(since, pauses, false, Release.NONE));
    draft.effects.add(new RoleEffect.Acknowledge(null));
  }

  /** Whether nothing but the planned switch, or an operator, may change who serves. */
  boolean decidesAlone() {
    PlannedSwitch planned = draft.planned();
    return planned != null && planned.phase().isFenced() && draft.switching.pause().holds();
  }

  /** Whether it failed, and its old server is the one that is to serve again. */
  boolean leftNobody() {
    PlannedSwitch planned = draft.planned();
    return planned != null
        && planned.leftNobody(draft.roleState().epoch())
        && (draft.pool().server(planned.from()) != null || !view.search().complete());
  }

  /** Whether a failback in phases is under way. */
  boolean isFailingBack() {
    PlannedSwitch planned = draft.planned();
    return planned != null && planned.isActive() && planned.request().failback();
  }

  /** The switch as it is after another change of the serving server. */
  @Nullable PlannedSwitch after(Choice.Switch change) {
    PlannedSwitch planned = draft.planned();
    return planned == null || !planned.isActive()
        ? planned
        : planned.givenUp(facts(planned), "the role moved meanwhile: " + change.reason().words());
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
      withdraw(draft.switching.pause().holds());
    }
    if (next == null) {
      updatePause();
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
      Pause pause = draft.switching.pause();
      draft.switching =
          draft.switching.with(
              new Pause(view.now(), pause.holds(), pause.seenByAll(), pause.told()));
    }
    updatePause();
  }

  private @Nullable Duration pausedFor(PlannedSwitch next, boolean pausedBefore) {
    return pausedBefore && !next.phase().pauses()
        ? Duration.between(draft.switching.pause().since(), view.now())
        : null;
  }

  /** Every event loop of this replica has seen the pause. */
  void pauseSeen(String id) {
    PlannedSwitch planned = draft.planned();
    if (draft.switching.pause().holds() && planned != null && planned.id().equals(id)) {
      Pause pause = draft.switching.pause();
      draft.switching = draft.switching.with(new Pause(pause.since(), true, true, pause.told()));
    }
  }

  /** A client was refused, as a bound of the hold is reached. */
  void holdFull() {
    PlannedSwitch planned = draft.planned();
    if (draft.switching.pause().holds()
        && planned != null
        && planned.phase() == SwitchPhase.PAUSING
        && draft.switching.pause().told() != Release.FULL) {
      tell(planned, Release.FULL);
    }
  }

  /** Tells the others once nothing runs at the old server any more, and no hook at either. */
  void lookAtTraffic() {
    PlannedSwitch planned = draft.planned();
    Release news =
        planned == null
            ? null
            : draft
                .switching
                .pause()
                .toTell(planned.phase(), view.traffic(), draft.hooks.isCalling(planned));
    if (planned != null && news != null) {
      tell(planned, news);
    }
  }

  private void tell(PlannedSwitch planned, Release release) {
    draft.switching = draft.switching.told(release);
    draft.effects.add(new RoleEffect.Acknowledge(new Acknowledgement(planned.id(), release)));
    draft.lookAgain();
  }

  /** Takes the step that is due, if it is this replica's. */
  void advance() {
    PlannedSwitch planned = draft.planned();
    if (planned == null || !planned.isActive() || !view.inTouch()) {
      return;
    }
    switch (SwitchDecision.step(planned, facts(planned))) {
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
      draft.propose(agreedIn(write.next()));
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
        hookCall(view, planned, toMake.promote(), server, toMake.epoch(), toMake.within()));
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

  private static HookCall hookCall(
      RoleView view,
      PlannedSwitch planned,
      boolean promote,
      Server server,
      long epoch,
      Duration within) {
    return new HookCall(
        view.pool(),
        promote,
        server,
        planned.from(),
        planned.to(),
        epoch,
        planned.request().failback() ? SwitchReason.FAILBACK : SwitchReason.OPERATOR,
        "a " + planned.request().words(),
        planned.request().by(),
        true,
        within);
  }

  static List<HookCall> calls(RoleView view, PlannedSwitch planned) {
    List<HookCall> calls = new ArrayList<>();
    for (boolean promote : new boolean[] {false, true}) {
      Server server = view.pool().server(promote ? planned.to() : planned.from());
      if (server != null && view.pool().settings().hooks().of(promote) != null) {
        calls.add(
            hookCall(view, planned, promote, server, planned.epoch(), planned.request().pause()));
      }
    }
    return calls;
  }

  /** What the replicas agree on in that phase. */
  AgreedRole agreedIn(PlannedSwitch next) {
    AgreedRole agreed = draft.agreed;
    RoleState current = agreed.roleState();
    OwedHooks owed = agreed.owed();
    Operator by = next.request().by();
    boolean failback = next.request().failback();
    return switch (next.phase()) {
      case MOVED ->
          AgreedRole.upon(moved(next, current), view.wall())
              .with(RoleOperators.ofSwitch(by, true))
              .with(next)
              .with(owed.planned(next.to()));
      case FENCING, PROMOTING -> agreed.with(next).with(owed.planned(next.from()));
      case ROLLING_BACK ->
          agreed.with(next).with(mayBePromoted() ? fencing(owed, next.to()) : owed);
      case FAILED ->
          AgreedRole.upon(nobody(next), view.wall())
              .with(RoleOperators.ofSwitch(by, false))
              .with(next)
              .with(
                  failback
                      ? fencing(fencing(owed, next.from()), next.to())
                      : owedAfterFailure(next));
      case ROLLED_BACK ->
          agreed.with(tried(failback, current.inEpoch(next.epoch() + 1))).with(next);
      case GIVEN_UP -> agreed.with(tried(failback, current)).with(next);
      case SCHEDULED, PAUSING -> agreed.with(next);
    };
  }

  /** Whether the new server may have been promoted in the present phase. */
  private boolean mayBePromoted() {
    PlannedSwitch planned = draft.planned();
    HookResult call = draft.switching.phase().call();
    return planned != null
        && planned.phase() == SwitchPhase.PROMOTING
        && (call == null ? draft.switching.phase().repeated() : call.outcome() != Call.REFUSED);
  }

  private RoleState tried(boolean failback, RoleState current) {
    return failback ? Failover.triedFailback(draft.pool(), current, view.now()) : current;
  }

  /** What is owed once nobody knows whether that server is the master. */
  private OwedHooks fencing(OwedHooks owed, ServerId server) {
    return owed.moved(server, null, false, view.hooks(), view.wall());
  }

  /** What is owed after an operator's switch whose servers could both not be promoted. */
  OwedHooks owedAfterFailure(PlannedSwitch failed) {
    return draft.agreed.owed().moved(failed.to(), failed.from(), true, view.hooks(), view.wall());
  }

  private Choice.Switch nobody(PlannedSwitch failed) {
    return Failover.move(
        draft.pool(),
        view.all(),
        draft.roleState(),
        null,
        failed.epoch() + 1,
        SwitchReason.NO_SERVER,
        "a "
            + failed.request().words()
            + " failed: "
            + failed.why()
            + (failed.request().failback()
                ? ""
                : "; that is tried again until it works, or an operator switches to a server"));
  }

  /** The old server serves again, after a switch that had failed. */
  AgreedRole recovered() {
    PlannedSwitch failed = Objects.requireNonNull(draft.planned());
    ServerId from = failed.from();
    String why = from.words() + " is promoted again";
    Choice.Switch back =
        Failover.move(
            draft.pool(),
            view.all(),
            draft.roleState(),
            from,
            draft.roleState().epoch() + 1,
            SwitchReason.RECOVERED,
            why + " after a " + failed.request().words() + " that failed");
    return AgreedRole.upon(back, view.wall())
        .with(back.roleState().unpinned())
        .with(failed.recovered(facts(failed), why))
        .with(draft.agreed.owed().done(true, from));
  }

  private Choice.Switch moved(PlannedSwitch next, RoleState current) {
    return next.request().failback()
        ? Failover.moveBack(
            draft.pool(),
            view.all(),
            current,
            next.to(),
            next.epoch(),
            "a failback in phases: " + next.why(),
            view.now())
        : Failover.move(
            draft.pool(),
            view.all(),
            current,
            next.to(),
            next.epoch(),
            SwitchReason.OPERATOR,
            "a planned switch, pinned until the pool is set to auto or the server fails: "
                + next.why());
  }

  private SwitchFacts facts(PlannedSwitch of) {
    RoleState current = draft.roleState();
    Instant now = view.now();
    SwitchProgress switching = draft.switching;
    return facts(
        view.replicas().releases(),
        of.to(),
        Duration.between(switching.phase().since(), now),
        of.phase().pauses() ? Duration.between(switching.pause().since(), now) : Duration.ZERO,
        of.from().equals(current.serving()) && current.epoch() == of.epoch() - 1,
        switching.phase().call());
  }

  private SwitchFacts facts(
      Map<String, Release> releases,
      ServerId to,
      Duration inPhase,
      Duration paused,
      boolean serves,
      @Nullable HookResult made) {
    Pool pool = draft.pool();
    return new SwitchFacts(
        view.wall(),
        inPhase,
        paused,
        view.replicas().name(),
        releases,
        serves,
        target(to),
        view.hooks(),
        made == null ? null : made.outcome(),
        made == null ? "" : made.detail(),
        pool.settings().hold().time(),
        pool.protocol() == Protocol.TCP);
  }

  private Target target(ServerId to) {
    Candidate candidate = view.candidate(to);
    if (view.usable().contains(to)) {
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

  RoleMachine.Planning plan(SwitchRequest request) {
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
    Optional<String> silent = view.replicas().silent();
    if (silent.isPresent()) {
      return refused("nothing has been heard from replica " + silent.get() + " for a while");
    }
    Map<String, Release> releases = new TreeMap<>(view.replicas().releases());
    releases.replaceAll((replica, told) -> Release.NONE);
    SwitchFacts facts = facts(releases, request.to(), Duration.ZERO, Duration.ZERO, true, null);
    boolean later = request.at() != null && request.at().isAfter(view.wall());
    String whyNot = later ? "" : whyNot(request.to(), facts);
    String id = current.epoch() + "-" + Long.toHexString(view.random());
    return whyNot.isEmpty()
        ? new RoleMachine.Planning(
            PlannedSwitch.begin(id, from, request, current.epoch(), facts), "")
        : refused(whyNot);
  }

  private static RoleMachine.Planning refused(String whyNot) {
    return new RoleMachine.Planning(null, whyNot);
  }

  private static String whyNot(ServerId to, SwitchFacts facts) {
    return facts.target() == Target.UNKNOWN
        ? to.words() + " has not been checked yet"
        : SwitchDecision.whyNot(to, facts);
  }

  /**
   * Begins a failback in phases, unless a planned switch is under way.
   *
   * @return null if it cannot begin now
   */
  @Nullable PlannedSwitch failback(ServerId to) {
    SwitchRequest request = SwitchRequest.failback(to, draft.pool().settings().hooks());
    return plan(request).planned();
  }

  @Nullable PlannedSwitch givenUp(@Nullable Operator by) {
    PlannedSwitch planned = draft.planned();
    return planned == null
        ? null
        : planned.givenUp(facts(planned), "an operator gave it up" + Operator.by(by));
  }
}
