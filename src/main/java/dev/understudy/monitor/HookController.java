package dev.understudy.monitor;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.DecisionThread;
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
import dev.understudy.switchover.HookAttempts;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.SwitchFacts.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pool's calls of hooks that no planned switch makes: those that are owed since the role moved,
 * and demote at a server that claims to be primary beside the serving one. Nothing waits for them
 * but a server that must be promoted before it serves.
 *
 * <p>One replica makes them: the first in the order in which replicas write. One that has become
 * the first waits until whichever was it before knows, or is out of touch, so that no server hears
 * of an older epoch after a newer one. While a planned switch holds the clients, only that makes
 * calls.
 */
final class HookController {
  /** How long a replica must have been the first: none in touch knows less than what is so old. */
  private static final Duration SETTLE = Duration.ofSeconds(4);

  /** The time in which a server that was promoted must become usable. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A call that is due, as long as what calls for it lasts. */
  private record Duty(boolean promote, ServerId server) {}

  private final MonitorContext context;
  private final PoolController pool;
  private final RoleController role;
  private final Map<Duty, HookAttempts> attempts = new HashMap<>();
  private final Map<Duty, Call> reported = new HashMap<>();

  /** The servers that are being called, of any epoch: the later of two calls must end last. */
  private final Set<ServerId> called = new HashSet<>();

  /** The epoch that the attempts announce. */
  private long epoch;

  /** Calls in vain, in succession, at servers that were to be promoted before they serve. */
  private int inVain;

  private @Nullable Instant firstSince;
  private DecisionThread.Timer lookAgain = () -> {};

  HookController(MonitorContext context, PoolController pool, RoleController role) {
    this.context = context;
    this.pool = pool;
    this.role = role;
  }

  void stop() {
    lookAgain.cancel();
    attempts.clear();
  }

  /** What is owed, as far as the pool has servers and hooks for it. */
  OwedHooks owed() {
    return role.agreed().owed().in(pool.inForce());
  }

  /** The server that is to be promoted before it serves; null if none is. */
  Promotion.@Nullable Pending pending() {
    AgreedRole agreed = role.agreed();
    ServerId first = agreed.roleState().serving() == null ? agreed.owed().promote() : null;
    return first == null
        ? null
        : new Promotion.Pending(first, agreed.owed().pin(), progress(new Duty(true, first)));
  }

  private Progress progress(Duty promotion) {
    HookAttempts made = isOfThisEpoch() ? attempts.get(promotion) : null;
    if (made == null || made.last() == null || made.last() == Call.RUNNING) {
      return Progress.UNDER_WAY;
    }
    if (untilNext(promotion, made).isZero()) {
      return Progress.FAILED;
    }
    return made.last() == Call.DONE ? Progress.DONE : Progress.UNDER_WAY;
  }

  /** What is still owed by what this replica knows: not a promotion that had no effect. */
  OwedHooks owedAfterRefusal() {
    OwedHooks owed = role.agreed().owed();
    ServerId first = owed.promote();
    HookAttempts made =
        first == null || !isOfThisEpoch() ? null : attempts.get(new Duty(true, first));
    return first != null && made != null && made.last() == Call.REFUSED
        ? owed.done(true, first)
        : owed;
  }

  private boolean isOfThisEpoch() {
    return epoch == announced();
  }

  /** The epoch that calls announce: while nobody serves, the one in which somebody will. */
  private long announced() {
    RoleState roleState = role.agreed().roleState();
    return roleState.epoch() + (roleState.serving() == null ? 1 : 0);
  }

  /** Makes the calls that are due, if they are this replica's. */
  void advance() {
    lookAgain.cancel();
    HookSettings hooks = pool.inForce().settings().hooks();
    if (hooks.isEmpty()) {
      return;
    }
    boolean first = isFirst();
    if (!isOfThisEpoch() || firstSince == null) {
      epoch = announced();
      attempts.clear();
      reported.clear();
    }
    Set<Duty> due = due(hooks);
    attempts.keySet().retainAll(due);
    reported.keySet().retainAll(due);
    if (!first || writeDone()) {
      return;
    }
    inVain = role.agreed().roleState().serving() == null ? inVain : 0;
    Duration soonest = null;
    for (Duty duty : due(hooks)) {
      HookAttempts made =
          attempts.computeIfAbsent(duty, any -> HookAttempts.none(inVain, context.now()));
      if (called.contains(duty.server())) {
        continue;
      }
      Duration wait = untilNext(duty, made);
      if (wait.isZero()) {
        call(duty, made);
      } else if (soonest == null || wait.compareTo(soonest) < 0) {
        soonest = wait;
      }
    }
    if (soonest != null) {
      lookAgainIn(soonest);
    }
  }

  private void lookAgainIn(Duration wait) {
    lookAgain = context.scheduler().schedule(wait, role::review);
  }

  private Duration untilNext(Duty duty, HookAttempts made) {
    boolean awaited = isToServe(duty) && made.last() == Call.DONE;
    Duration next = awaited ? made.left(PATIENCE, context.now()) : made.next(context.now());
    return next == null ? Duration.ZERO : next;
  }

  /** Whether it is the promotion of a server that serves only then. */
  private boolean isToServe(Duty duty) {
    return duty.promote() && role.agreed().roleState().serving() == null;
  }

  /** Whether the calls are this replica's. */
  private boolean isFirst() {
    if (context.agreement().follows()) {
      return false;
    }
    Instant now = context.now();
    Optional<Duration> turn =
        role.switchover().isInTouch() ? context.agreement().turn(pool.id()) : Optional.of(SETTLE);
    if (turn.isEmpty()) {
      return false; // A write is under way.
    }
    if (!turn.get().isZero()) {
      firstSince = null;
      return false;
    }
    Instant since = firstSince == null ? now : firstSince;
    firstSince = since;
    Duration left = SETTLE.minus(Duration.between(since, now));
    if (context.agreement().replica().isEmpty() || !left.isPositive()) {
      return true;
    }
    lookAgainIn(left);
    return false;
  }

  private Set<Duty> due(HookSettings hooks) {
    Set<Duty> due = new LinkedHashSet<>();
    OwedHooks owed = owed();
    ServerId serving = role.agreed().roleState().serving();
    ServerId holder = serving == null ? owed.promote() : serving;
    if (holder == null || role.switchover().makesCalls()) {
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
    if (two != null && hooks.demote() != null && pool.inForce().server(two.claimant()) != null) {
      due.add(new Duty(false, two.claimant()));
    }
    return due;
  }

  /** The claim to be primary beside the serving server; null if there is none. */
  private ChoiceExplanation.@Nullable TwoPrimaries claim() {
    ChoiceExplanation explanation = role.explanation();
    ChoiceExplanation.TwoPrimaries two = explanation == null ? null : explanation.primaries();
    return two != null && two.serving().equals(role.agreed().roleState().serving()) ? two : null;
  }

  /** Writes that calls were made; returns whether that is still under way. */
  private boolean writeDone() {
    OwedHooks owed = role.agreed().owed();
    OwedHooks left = owed;
    for (Map.Entry<Duty, HookAttempts> each : attempts.entrySet()) {
      Duty duty = each.getKey();
      if (each.getValue().last() == Call.DONE && !isToServe(duty)) {
        left = left.done(duty.promote(), duty.server());
      }
    }
    if (left.equals(owed)) {
      return false;
    }
    var unused = role.propose(role.agreed().with(left));
    return role.proposing();
  }

  private void call(Duty duty, HookAttempts before) {
    HookAttempts running = before.begun(context.now());
    attempts.put(duty, running);
    called.add(duty.server());
    HookCall call = hookCall(duty);
    context.call(
        call,
        result -> {
          called.remove(duty.server());
          if (running.equals(attempts.get(duty))) {
            ended(duty, running, call, result);
          } else {
            context.events().add(EventText.hookCalled(call, result));
            role.review();
          }
        });
  }

  private void ended(Duty duty, HookAttempts running, HookCall call, HookResult result) {
    double spread = (2 * context.random().nextDouble() - 1) / 10;
    attempts.put(duty, running.ended(result.outcome(), context.now(), spread));
    if (isToServe(duty)) {
      inVain = result.outcome() == Call.DONE ? 0 : running.calls();
    }
    if (reported.put(duty, result.outcome()) != result.outcome()) {
      context.events().add(EventText.hookCalled(call, result));
    }
    role.review();
  }

  private HookCall hookCall(Duty duty) {
    AgreedRole agreed = role.agreed();
    ServerId serving = agreed.roleState().serving();
    Server server = Objects.requireNonNull(pool.inForce().server(duty.server()));
    ChoiceExplanation.TwoPrimaries two = duty.promote() ? null : claim();
    boolean claims = two != null && !agreed.owed().demote().containsKey(duty.server());
    SwitchReason reason = agreed.reason();
    return new HookCall(
        pool.inForce(),
        duty.promote(),
        server,
        duty.promote() ? agreed.owed().from() : duty.server(),
        serving == null ? agreed.owed().promote() : serving,
        epoch,
        reason == null ? SwitchReason.RECOVERED : reason,
        two != null && claims ? two.why() : agreed.evidence(),
        agreed.operators().ofSwitch(),
        false,
        Hook.LONGEST);
  }
}
