package dev.understudy.monitor;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.NotKeptException;
import dev.understudy.agreement.NotKnownException;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.RoleState;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateOrigin;
import dev.understudy.role.RoleMachine;
import dev.understudy.role.RoleView;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.text.Suggestions;
import dev.understudy.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Operators' commands on one pool, as {@link OperatorCommands} says. */
final class PoolCommands {
  /** Ends why a command is refused that an operator may want nevertheless. */
  private static final String BUT_FORCED = "; \"force\": true does it anyway";

  /** How long a change that may have been made is looked after; the operator waits for longer. */
  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(8);

  /** Until the next look at what became of it. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final MonitorContext context;
  private final PoolController pool;
  private final RoleRunner role;
  private final MaintenanceController maintenance;

  PoolCommands(MonitorContext context, PoolController pool) {
    this.context = context;
    this.pool = pool;
    this.role = pool.role();
    this.maintenance = pool.maintenance();
  }

  /** Sets a server's operator state, as {@link OperatorCommands#setState} says. */
  CompletableFuture<Result> setState(
      ServerId id, OperatorState state, boolean force, @Nullable Operator by) {
    ServerController server = pool.servers().get(id);
    if (server == null) {
      return done(unknown(id));
    }
    // First: what is so here may have been changed elsewhere.
    Result unavailable = unavailable();
    if (unavailable != null) {
      return done(unavailable);
    }
    AgentOverride over = state == OperatorState.READY ? overAgent(server) : null;
    if (server.operatorState().by(StateOrigin.OPERATOR) == state && over == null) {
      return done(new Result.Done(false));
    }
    if (state != OperatorState.READY && !force && role.look().usable().equals(Set.of(id))) {
      return conflict(id.words() + " is the only usable server of pool " + pool.id() + BUT_FORCED);
    }
    return upon(context.agreement().operatorState(pool.id(), id, state, over, by));
  }

  /** Why no command can be carried out now; null if it can. */
  private @Nullable Result unavailable() {
    return context.agreement().whyNoCommands().map(Result.Unavailable::new).orElse(null);
  }

  /** What {@code ready} overrides of a server's agent, as asked here or elsewhere. */
  private @Nullable AgentOverride overAgent(ServerController server) {
    OperatorState said = server.operatorState().by(StateOrigin.AGENT);
    Candidate agreed = role.look().all().get(server.id());
    if (said == OperatorState.READY && agreed != null && agreed.setter() == StateOrigin.AGENT) {
      said = agreed.operatorState();
    }
    return said == OperatorState.READY ? null : new AgentOverride(said, context.wall());
  }

  /** Begins, changes or ends the maintenance of the pool, as {@link OperatorCommands} says. */
  CompletableFuture<Result> setState(PoolMaintenance next, boolean force) {
    Result unavailable = unavailable();
    if (unavailable != null) {
      return done(unavailable);
    }
    if (maintenance.isSo(next)) {
      return done(new Result.Done(false));
    }
    if (next.on() && !force && maintenance.inForce() == null) {
      List<String> allowed = next.networks();
      return conflict(
          "in maintenance, pool "
              + pool.id()
              + " serves no clients"
              + (allowed.isEmpty() ? "" : " except those of " + String.join(", ", allowed))
              + BUT_FORCED);
    }
    return upon(context.agreement().maintenance(pool.id(), next));
  }

  /** The result of an operator's act, once the replicas have agreed on it. */
  private CompletableFuture<Result> upon(CompletableFuture<Void> agreed) {
    return agreed.handle(
        (nothing, failure) -> {
          if (failure != null) {
            return ofFailure(failure, Result.Unavailable::new);
          }
          pool.takeOperatorStates();
          pool.review();
          return new Result.Done(true);
        });
  }

  /**
   * The result of a change that failed.
   *
   * @param otherwise makes the result if nothing was changed, as the replicas did not agree
   */
  static Result ofFailure(@Nullable Throwable failure, Function<String, Result> otherwise) {
    String why = MonitorContext.why(failure);
    Throwable cause = MonitorContext.cause(failure);
    if (cause instanceof NotKnownException) {
      return new Result.NotKnown(why);
    }
    return cause instanceof NotKeptException
        ? new Result.Unavailable(why)
        : otherwise.apply("the replicas did not agree: " + why);
  }

  /** Switches to a server and pins it; null ends the pin. */
  CompletableFuture<Result> switchTo(
      @Nullable ServerId to, boolean acceptLoss, @Nullable Operator by) {
    Result refused = whyNoSwitch(to);
    if (refused != null) {
      return done(refused);
    }
    PlannedSwitch under = role.progress().planned();
    if (under != null && under.phase().isFenced()) {
      return conflict("a planned switch to " + under.to() + " is in phase " + under.phase());
    }
    RoleView view = role.look();
    if (to == null) {
      return RoleMachine.unpinned(role.progress(), view, by)
          .map(next -> moved(next, true))
          .orElseGet(() -> done(new Result.Done(false)));
    }
    AgreedRole before = role.agreed();
    return RoleMachine.pinned(role.progress(), view, to, acceptLoss, by)
        .map(
            next ->
                moved(
                    next,
                    !next.roleState().equals(before.roleState())
                        || !Objects.equals(next.planned(), before.planned())))
        .orElseGet(() -> conflict(whyNotUsable(to, view)));
  }

  /** Proposes that change of the role, unless it is none. */
  private CompletableFuture<Result> moved(AgreedRole next, boolean changes) {
    if (next.equals(role.agreed())) {
      return done(new Result.Done(false));
    }
    RoleState wanted = next.roleState();
    return agreeOn(
        next,
        holds -> {
          RoleState is = holds.roleState();
          return is.epoch() == wanted.epoch()
                  && Objects.equals(is.serving(), wanted.serving())
                  && Objects.equals(is.pinned(), wanted.pinned())
                  && (isUnderWay(next) || !isUnderWay(holds))
              ? new Result.Done(changes)
              : new Result.Conflict(
                  "the replicas did not agree: another replica made a change first");
        });
  }

  /**
   * Proposes that change of the role. One that may have been made is proposed again until it is
   * known: as it rests upon the same agreement, it is made once at most.
   *
   * @param result what an agreement means for the operator
   */
  private CompletableFuture<Result> agreeOn(AgreedRole next, Function<AgreedRole, Result> result) {
    AgreedRole before = role.agreed();
    CompletableFuture<Result> known = new CompletableFuture<>();
    var unused =
        role.propose(next)
            .whenComplete(
                (holds, failure) -> {
                  if (holds != null) {
                    known.complete(result.apply(holds));
                  } else if (MonitorContext.cause(failure) instanceof NotKnownException open) {
                    Instant until = context.now().plus(KNOWN_WITHIN);
                    new OpenChange(before, next, result, open, until, known).lookSoon();
                  } else {
                    known.completeExceptionally(
                        failure == null ? new IllegalStateException() : failure);
                  }
                });
    return known;
  }

  /** A change of the role that may have been made, or may be yet. */
  private final class OpenChange {
    private final AgreedRole before;
    private final AgreedRole next;
    private final Function<AgreedRole, Result> result;
    private final NotKnownException open;
    private final Instant until;
    private final CompletableFuture<Result> known;

    /**
     * @param before the agreement upon which it was proposed
     * @param known takes the result
     */
    OpenChange(
        AgreedRole before,
        AgreedRole next,
        Function<AgreedRole, Result> result,
        NotKnownException open,
        Instant until,
        CompletableFuture<Result> known) {
      this.before = before;
      this.next = next;
      this.result = result;
      this.open = open;
      this.until = until;
      this.known = known;
    }

    void lookSoon() {
      var unused = context.scheduler().schedule(LOOK_AGAIN, this::look);
    }

    private void look() {
      AgreedRole is = role.agreed();
      boolean inTouch = unavailable() == null;
      if (inTouch && !is.equals(before)) {
        known.complete(result.apply(is)); // Made, or it comes too late.
      } else if (!context.now().isBefore(until) || role.isStopped()) {
        known.complete(new Result.NotKnown(String.valueOf(open.getMessage())));
      } else if (!inTouch || role.progress().proposing()) {
        lookSoon();
      } else {
        var unused =
            role.propose(next)
                .whenComplete(
                    (holds, failure) -> {
                      if (holds != null) {
                        known.complete(result.apply(holds));
                      } else {
                        lookSoon();
                      }
                    });
      }
    }
  }

  private static boolean isUnderWay(AgreedRole agreed) {
    PlannedSwitch planned = agreed.planned();
    return planned != null && planned.isActive();
  }

  /** Begins a planned switch, as {@link OperatorCommands#planSwitch} says. */
  CompletableFuture<Result> planSwitch(SwitchRequest request, boolean durable) {
    return planned(
        request,
        planned ->
            problemOfHooks(planned)
                .thenComposeAsync(
                    problem ->
                        problem.isEmpty()
                            ? planned(request, next -> agreeOn(next, durable))
                            : conflict(problem),
                    context.scheduler()::execute));
  }

  private CompletableFuture<Result> planned(
      SwitchRequest request, Function<PlannedSwitch, CompletableFuture<Result>> then) {
    Result refused = whyNoSwitch(request.to());
    if (refused != null) {
      return done(refused);
    }
    RoleMachine.Planning planning = RoleMachine.plan(role.progress(), role.look(), request);
    PlannedSwitch planned = planning.planned();
    return planned == null ? conflict(planning.whyNot()) : then.apply(planned);
  }

  /**
   * Why a hook that a switch would call could not be called, for people; empty if nothing is known
   * to be wrong.
   */
  private CompletableFuture<String> problemOfHooks(PlannedSwitch planned) {
    CompletableFuture<String> first = CompletableFuture.completedFuture("");
    for (HookCall call : RoleMachine.calls(role.look(), planned)) {
      CompletableFuture<String> problem =
          context
              .hooks()
              .problem(call)
              .thenApply(
                  why ->
                      why.isEmpty()
                          ? ""
                          : "hook %s of %s: %s"
                              .formatted(call.hook(), call.server().id().words(), why));
      first = first.thenCombine(problem, (one, other) -> one.isEmpty() ? other : one);
    }
    return first;
  }

  /** Gives up a planned switch, as {@link OperatorCommands#giveUpSwitch} says. */
  CompletableFuture<Result> giveUpSwitch(@Nullable Operator by) {
    PlannedSwitch under = role.progress().planned();
    if (under == null || !under.isActive()) {
      String last = under == null ? "" : "; the last one ended as " + under.phase();
      return conflict("no planned switch is under way" + last);
    }
    Result refused = whyNoSwitch(null);
    if (refused != null) {
      return done(refused);
    }
    PlannedSwitch givenUp = RoleMachine.givenUp(role.progress(), role.look(), by);
    return givenUp == null
        ? conflict(
            "the planned switch is in phase " + under.phase() + ": it can no longer be given up")
        : agreeOn(givenUp);
  }

  private CompletableFuture<Result> agreeOn(PlannedSwitch next, boolean durable) {
    return durable ? context.agreement().durably(() -> agreeOn(next)) : agreeOn(next);
  }

  private CompletableFuture<Result> agreeOn(PlannedSwitch next) {
    return agreeOn(
        RoleMachine.agreedIn(role.progress(), role.look(), next),
        holds -> {
          PlannedSwitch found = holds.planned();
          return found != null
                  && found.id().equals(next.id())
                  && (next.isActive() || !found.isActive())
              ? new Result.Done(true)
              : new Result.Conflict("another replica made a change first");
        });
  }

  /** Why the role cannot be moved now, to a server or to none in particular; null if it may be. */
  private @Nullable Result whyNoSwitch(@Nullable ServerId to) {
    if (pool.inForce().mode() == PoolMode.BALANCE) {
      return new Result.Conflict("pool " + pool.id() + " balances: it has no serving server");
    }
    Result unavailable = unavailable();
    if (unavailable != null) {
      return unavailable;
    }
    if (role.progress().proposing()) {
      return new Result.Conflict("another change of pool " + pool.id() + " is under way");
    }
    return to == null || pool.servers().containsKey(to) ? null : unknown(to);
  }

  private static String whyNotUsable(ServerId id, RoleView view) {
    Candidate candidate = view.all().get(id);
    String why;
    if (candidate == null) {
      why = "not all replicas know it yet";
    } else if (candidate.operatorState() != OperatorState.READY) {
      why = candidate.setter().subject() + " set it to " + Words.lower(candidate.operatorState());
    } else if (candidate.denies() && candidate.behind() != null) {
      return candidate.tooFarToPromote(id);
    } else if (candidate.status() != HealthStatus.UP) {
      why = candidate.status() + ", " + candidate.evidence();
    } else {
      why = "its circuit breaker is open";
    }
    return id.words() + " is not usable: " + why;
  }

  private Result unknown(ServerId id) {
    List<String> names = pool.servers().keySet().stream().map(ServerId::value).toList();
    String sentence = "There is no server " + id + " in pool " + pool.id();
    return new Result.Unknown(Suggestions.asked(sentence, id.value(), names));
  }

  private static CompletableFuture<Result> conflict(String why) {
    return done(new Result.Conflict(why));
  }

  private static CompletableFuture<Result> done(Result result) {
    return CompletableFuture.completedFuture(result);
  }
}
