package dev.understudy.monitor;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.NotKnownException;
import dev.understudy.database.DatabaseEvidence;
import dev.understudy.event.EventText;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleEvidence;
import dev.understudy.failover.RoleLabels;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.recurring.Timers;
import dev.understudy.role.RoleEffect;
import dev.understudy.role.RoleInput;
import dev.understudy.role.RoleMachine;
import dev.understudy.role.RoleProgress;
import dev.understudy.role.RoleView;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the {@link RoleMachine} of one pool: shows it what this replica sees, and carries out what
 * it calls for. Decides nothing.
 */
final class RoleRunner {
  private static final Logger log = LoggerFactory.getLogger(RoleRunner.class);

  /** How often the counts of running requests are looked at while they are awaited. */
  private static final Duration POLL = Duration.ofMillis(5);

  /** Until another look after a step that failed, which is a defect. */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  /**
   * The most steps in succession, of which a decision takes a few: a defect that leads from one
   * step to the next for ever must not take the monitor's thread from other pools.
   */
  static final int MOST_STEPS = 200;

  /** The pool, as the machine sees it and acts on it. */
  interface Host {
    /** The pool as the file has it, with the servers that its templates find. */
    Pool file();

    /** The pool in force: {@link #file}, with the serving server until all have left it. */
    Pool inForce();

    /** The servers in force. */
    Map<ServerId, ServerController> servers();

    /** What is still looked for; {@code serving} is null if no server serves. */
    RoleView.Search search(@Nullable ServerId serving);

    /** The state to publish changed. */
    void changed();
  }

  private final MonitorContext context;
  private final PoolId id;
  private final Host host;
  private final Queue<RoleInput> inputs = new ArrayDeque<>();
  private RoleProgress progress;

  /** The last proposal that an operator asked for. */
  private CompletableFuture<AgreedRole> proposal = new CompletableFuture<>();

  private boolean stepping;
  private boolean stopped;
  private boolean polling;
  private Timers.Timer lookAgain = () -> {};

  /** Takes up what is agreed on already. */
  RoleRunner(MonitorContext context, PoolId id, Host host) {
    this.context = context;
    this.id = id;
    this.host = host;
    this.progress =
        RoleProgress.of(
            context.agreement().agreed(id).orElseGet(() -> AgreedRole.nothing(context.wall())),
            DatabaseEvidence.NONE);
  }

  RoleProgress progress() {
    return progress;
  }

  AgreedRole agreed() {
    return progress.agreed();
  }

  void stop() {
    stopped = true;
    lookAgain.cancel();
    proposal.completeExceptionally(gone());
  }

  /** Whether the pool was removed; the result of a call may come after that. */
  boolean isStopped() {
    return stopped;
  }

  /** Takes an input; one that comes while another is taken waits for its turn. */
  void take(RoleInput input) {
    if (stopped) {
      if (input instanceof RoleInput.Called late) {
        context.events().add(EventText.hookCalled(late.call(), late.result()));
      }
      return;
    }
    inputs.add(input);
    if (!stepping) {
      takeAll();
    }
  }

  private void takeAll() {
    stepping = true;
    RoleInput input = null;
    int steps = 0;
    try {
      while (!inputs.isEmpty() && !stopped) {
        input = inputs.remove();
        if (++steps > MOST_STEPS) {
          throw new IllegalStateException("pool " + id + " does not come to rest: " + input);
        }
        step(input);
      }
    } catch (Throwable e) {
      // What has ended, what came meanwhile, and the time for another look are not lost with it.
      if (input != null) {
        progress = progress.afterFailure(input);
      }
      proposal.completeExceptionally(e);
      inputs.add(new RoleInput.News());
      lookAgain.cancel();
      lookAgain = context.scheduler().schedule(AFTER_FAILURE, this::takeAll);
      throw e;
    } finally {
      stepping = false;
    }
  }

  private void step(RoleInput input) {
    RoleMachine.Step step = RoleMachine.step(progress, input, look());
    progress = step.progress();
    lookAgain.cancel();
    Duration wake = step.wake();
    if (wake != null) {
      lookAgain = context.scheduler().schedule(wake, () -> take(new RoleInput.News()));
    }
    int done = 0;
    try {
      for (RoleEffect effect : step.effects()) {
        carryOut(effect);
        done++;
      }
    } finally {
      if (step.effects().stream().skip(done).anyMatch(RoleEffect.Propose.class::isInstance)) {
        inputs.add(new RoleInput.Proposed(null)); // It never will be, as an effect failed.
      }
    }
    if (input instanceof RoleInput.Proposed ended && ended.holds() != null) {
      proposal.complete(ended.holds());
    }
    poll();
  }

  /** The servers that are usable, as this replica sees them. */
  Set<ServerId> usable() {
    return Failover.usable(host.inForce(), marked());
  }

  /** The servers, as this replica sees them. */
  Map<ServerId, Candidate> marked() {
    return marked(ofEach(ServerController::candidate), progress.evidence());
  }

  private Map<ServerId, Candidate> marked(Map<ServerId, Candidate> seen, RoleEvidence evidence) {
    return RoleLabels.mark(host.inForce(), evidence.mark(seen), ofEach(ServerController::label));
  }

  /** A value of each server in force that has it. */
  private <T> Map<ServerId, T> ofEach(Function<ServerController, @Nullable T> value) {
    Map<ServerId, T> all = new LinkedHashMap<>();
    host.servers()
        .forEach(
            (server, each) -> {
              T known = value.apply(each);
              if (known != null) {
                all.put(server, known);
              }
            });
    return all;
  }

  /** Tells the agreement what is seen here now, and returns it with what the others see. */
  RoleView look() {
    Pool pool = host.inForce();
    Map<ServerId, Candidate> seen = ofEach(ServerController::candidate);
    RoleEvidence evidence = progress.evidence().next(pool, seen, progress.agreed().roleState());
    Map<ServerId, Candidate> own = marked(seen, evidence);
    Agreement agreement = context.agreement();
    agreement.report(host.file(), pool, own);
    PlannedSwitch planned = progress.planned();
    int passed = progress.agreed().owed().passed();
    Optional<Duration> turn = agreement.turn(id, 0);
    return new RoleView(
        context.now(),
        context.wall(),
        pool,
        own,
        agreement.view(pool, own),
        evidence,
        ofEach(ServerController::firstBad),
        silent(),
        agreement.operatorStates(id),
        new RoleView.Replicas(
            agreement.replica(),
            agreement.follows(),
            agreement.whyNoCommands(),
            turn,
            passed == 0 ? turn : agreement.turn(id, passed),
            agreement.releases(id, planned),
            agreement.deciding(),
            agreement.isEpochTrusted(id),
            agreement.silentReplica()),
        traffic(planned),
        host.search(progress.agreed().roleState().serving()),
        context.random().nextLong());
  }

  private Set<ServerId> silent() {
    return host.servers().values().stream()
        .filter(ServerController::isSilent)
        .map(ServerController::id)
        .collect(Collectors.toSet());
  }

  private RoleView.Traffic traffic(@Nullable PlannedSwitch planned) {
    return planned == null
        ? RoleView.Traffic.NONE
        : new RoleView.Traffic(isIdle(planned.to()), context.processes().before(id, planned.id()));
  }

  /** Whether nothing runs at the servers but one, by whatever names the file had them. */
  private boolean isIdle(ServerId except) {
    return host.servers().values().stream()
            .filter(each -> !each.id().equals(except))
            .map(ServerController::traffic)
            .allMatch(ServerTraffic::isIdle)
        && context.removed().isIdle(host.inForce(), except);
  }

  private void carryOut(RoleEffect effect) {
    switch (effect) {
      case RoleEffect.Propose propose -> propose(propose);
      case RoleEffect.CallHook call ->
          context.call(
              call.call(),
              result -> take(new RoleInput.Called(call.number(), call.call(), result)));
      case RoleEffect.Acknowledge acknowledge -> {
        context.agreement().acknowledge(id, acknowledge.given());
        context.processes().tell(id, acknowledge.given());
      }
      case RoleEffect.Emit emit -> context.events().add(emit.event());
      case RoleEffect.Publish() -> host.changed();
      case RoleEffect.Serve serve -> {
        serves(serve.from(), false);
        serves(serve.to(), true);
      }
      case RoleEffect.WarmUp warmUp ->
          host.servers().forEach((server, each) -> each.warmUp(server.equals(warmUp.server())));
      case RoleEffect.JudgeAnew judge -> {
        ServerController server = host.servers().get(judge.server());
        if (server != null) {
          server.judgeAnew(judge.up());
        }
      }
      case RoleEffect.ConfirmFileChange() ->
          host.servers().values().forEach(ServerController::changeSeen);
      case RoleEffect.LookAgain() -> inputs.add(new RoleInput.News());
    }
  }

  private void serves(@Nullable ServerId id, boolean now) {
    ServerController server = id == null ? null : host.servers().get(id);
    if (server != null) {
      server.serving(now);
    }
  }

  private void propose(RoleEffect.Propose propose) {
    CompletableFuture<AgreedRole> reached =
        context.agreement().propose(id, propose.current(), propose.next());
    if (reached.isDone() && !reached.isCompletedExceptionally()) {
      inputs.add(new RoleInput.Proposed(reached.join()));
      return;
    }
    context
        .scheduler()
        .whenDone(
            reached,
            (holds, failure) -> {
              if (holds == null && !stopped) {
                String why = MonitorContext.why(failure);
                if (MonitorContext.cause(failure) instanceof NotKnownException) {
                  log.warn("Pool {}: it is not known whether the replicas agreed: {}", id, why);
                } else {
                  log.warn("Pool {}: the replicas did not agree: {}", id, why);
                }
                proposal.completeExceptionally(
                    failure == null ? new IllegalStateException() : failure);
              }
              take(new RoleInput.Proposed(holds));
            });
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
    if (progress.proposing()) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("another change of pool " + id + " is under way"));
    }
    if (context.agreement().isDelayed()) {
      return context
          .agreement()
          .propose(id, agreed(), next)
          .whenComplete(
              (holds, failure) -> {
                if (holds != null) {
                  take(new RoleInput.Agreed(holds));
                }
              });
    }
    CompletableFuture<AgreedRole> adopted = new CompletableFuture<>();
    proposal = adopted;
    take(new RoleInput.Ask(next));
    return adopted;
  }

  private IllegalStateException gone() {
    return new IllegalStateException("pool " + id + " is gone");
  }

  /** Looks again and again at what runs, while its end is awaited. */
  private void poll() {
    if (!polling && progress.awaitsIdle()) {
      polling = true;
      context.scheduler().schedule(POLL, this::polled);
    }
  }

  private void polled() {
    polling = false;
    PlannedSwitch planned = progress.planned();
    if (stopped || planned == null || !progress.awaitsIdle()) {
      return;
    }
    if (progress.hasToTell(traffic(planned))) {
      take(new RoleInput.News());
    }
    poll();
  }
}
