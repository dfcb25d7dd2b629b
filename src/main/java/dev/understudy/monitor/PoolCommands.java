package dev.understudy.monitor;

import dev.understudy.failover.Candidate;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.text.Suggestions;
import dev.understudy.text.Words;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Operators' commands on one pool, as {@link OperatorCommands} says. */
final class PoolCommands {
  /** Ends why a command is refused that an operator may want nevertheless. */
  private static final String BUT_FORCED = "; \"force\": true does it anyway";

  private final MonitorContext context;
  private final PoolController pool;
  private final RoleController role;
  private final MaintenanceController maintenance;

  PoolCommands(
      MonitorContext context,
      PoolController pool,
      RoleController role,
      MaintenanceController maintenance) {
    this.context = context;
    this.pool = pool;
    this.role = role;
    this.maintenance = maintenance;
  }

  /** Sets a server's operator state, as {@link OperatorCommands#setState} says. */
  CompletableFuture<Result> setState(
      ServerId id, OperatorState state, boolean force, @Nullable Operator by) {
    ServerController server = pool.server(id);
    if (server == null) {
      return done(unknown(id));
    }
    if (server.operatorState() == state) {
      return done(new Result.Done(false));
    }
    Optional<String> unavailable = context.agreement().whyNoCommands();
    if (unavailable.isPresent()) {
      return done(new Result.Unavailable(unavailable.get()));
    }
    if (state != OperatorState.READY && !force && role.usable().equals(Set.of(id))) {
      return conflict(id.words() + " is the only usable server of pool " + pool.id() + BUT_FORCED);
    }
    return upon(context.agreement().operatorState(pool.id(), id, state, by));
  }

  /** Begins, changes or ends the maintenance of the pool, as {@link OperatorCommands} says. */
  CompletableFuture<Result> setState(PoolMaintenance next, boolean force) {
    if (maintenance.isSo(next)) {
      return done(new Result.Done(false));
    }
    Optional<String> unavailable = context.agreement().whyNoCommands();
    if (unavailable.isPresent()) {
      return done(new Result.Unavailable(unavailable.get()));
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
            return new Result.Unavailable(
                "the replicas did not agree: " + PoolController.why(failure));
          }
          pool.takeOperatorStates();
          pool.review();
          return new Result.Done(true);
        });
  }

  /** Switches to a server and pins it; null ends the pin. */
  CompletableFuture<Result> switchTo(@Nullable ServerId to, @Nullable Operator by) {
    Result refused = whyNoSwitch(to);
    if (refused != null) {
      return done(refused);
    }
    PlannedSwitch under = role.switchover().planned();
    if (under != null && under.phase().isFenced()) {
      return conflict("a planned switch to " + under.to() + " is in phase " + under.phase());
    }
    if (to == null) {
      return role.unpin(by).thenApply(Result.Done::new);
    }
    return role.pin(to, by)
        .map(pinned -> pinned.<Result>thenApply(Result.Done::new))
        .orElseGet(() -> conflict(whyNotUsable(to)));
  }

  /** Begins a planned switch, as {@link OperatorCommands#planSwitch} says. */
  CompletableFuture<Result> planSwitch(SwitchRequest request) {
    return planned(
        request,
        planned ->
            role.switchover()
                .problemOfHooks(planned)
                .thenComposeAsync(
                    problem ->
                        problem.isEmpty() ? planned(request, this::agreeOn) : conflict(problem),
                    context.scheduler()::execute));
  }

  private CompletableFuture<Result> planned(
      SwitchRequest request, Function<PlannedSwitch, CompletableFuture<Result>> then) {
    Result refused = whyNoSwitch(request.to());
    if (refused != null) {
      return done(refused);
    }
    SwitchoverController.Begin begin = role.switchover().begin(request);
    PlannedSwitch planned = begin.planned();
    return planned == null ? conflict(begin.whyNot()) : then.apply(planned);
  }

  /** Gives up a planned switch, as {@link OperatorCommands#giveUpSwitch} says. */
  CompletableFuture<Result> giveUpSwitch(@Nullable Operator by) {
    PlannedSwitch under = role.switchover().planned();
    if (under == null || !under.isActive()) {
      String last = under == null ? "" : "; the last one ended as " + under.phase();
      return conflict("no planned switch is under way" + last);
    }
    Result refused = whyNoSwitch(null);
    if (refused != null) {
      return done(refused);
    }
    PlannedSwitch givenUp = role.switchover().givenUp(by);
    return givenUp == null
        ? conflict(
            "the planned switch is in phase " + under.phase() + ": it can no longer be given up")
        : agreeOn(givenUp);
  }

  private CompletableFuture<Result> agreeOn(PlannedSwitch next) {
    return role.propose(role.switchover().agreedIn(next))
        .thenApply(
            holds -> {
              role.review();
              PlannedSwitch found = holds.planned();
              return found != null && found.id().equals(next.id())
                  ? new Result.Done(true)
                  : new Result.Conflict("another replica made a change first");
            });
  }

  /** Why the role cannot be moved now, to a server or to none in particular; null if it may be. */
  private @Nullable Result whyNoSwitch(@Nullable ServerId to) {
    if (pool.inForce().mode() == PoolMode.BALANCE) {
      return new Result.Conflict("pool " + pool.id() + " balances: it has no serving server");
    }
    Optional<String> unavailable = context.agreement().whyNoCommands();
    if (unavailable.isPresent()) {
      return new Result.Unavailable(unavailable.get());
    }
    if (role.proposing()) {
      return new Result.Conflict("another change of pool " + pool.id() + " is under way");
    }
    return to == null || pool.server(to) != null ? null : unknown(to);
  }

  private String whyNotUsable(ServerId id) {
    Candidate candidate = role.view().get(id);
    String why;
    if (candidate == null) {
      why = "not all replicas know it yet";
    } else if (candidate.operatorState() != OperatorState.READY) {
      why = candidate.setter().subject() + " set it to " + Words.lower(candidate.operatorState());
    } else if (candidate.status() != HealthStatus.UP) {
      why = candidate.status() + ", " + candidate.evidence();
    } else {
      why = "its circuit breaker is open";
    }
    return id.words() + " is not usable: " + why;
  }

  private Result unknown(ServerId id) {
    List<String> names = pool.servers().stream().map(each -> each.id().value()).toList();
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
