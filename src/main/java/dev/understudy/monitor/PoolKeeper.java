package dev.understudy.monitor;

import dev.understudy.agreement.Agreed;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.Tenure;
import dev.understudy.health.Health;
import dev.understudy.health.Status;
import dev.understudy.monitor.Commands.Result;
import dev.understudy.pool.Mode;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pool: its servers, and who of them serves. Asks the choice whenever there is news. */
final class PoolKeeper {
  private static final Logger log = LoggerFactory.getLogger(PoolKeeper.class);
  private static final Duration PROPOSE_AGAIN = Duration.ofSeconds(1);

  /** Told on the monitor's thread. */
  interface Listener {
    /** What the data plane goes by is another: to be published now. */
    void changed(PoolKeeper pool);

    /** Something that is only shown is another: to be published soon. */
    void touched(PoolKeeper pool);

    void firstAnswer(ServerKeeper server);
  }

  private final Context context;
  private final Listener listener;
  private Map<ServerId, ServerKeeper> servers = new LinkedHashMap<>();
  private Pool pool;
  private Agreed agreed;
  private boolean proposing;
  private Scheduler.Timer lookAgain = () -> {};

  PoolKeeper(Context context, Pool pool, Listener listener) {
    this.context = context;
    this.pool = pool;
    this.listener = listener;
    this.agreed =
        context
            .agreement()
            .agreed(pool.id())
            .orElseGet(() -> new Agreed(Tenure.NONE, null, context.now()));
    for (Server server : pool.servers()) {
      servers.put(server.id(), new ServerKeeper(context, pool, server, new News()));
    }
  }

  void start() {
    review();
    servers.values().forEach(ServerKeeper::start);
    listener.changed(this);
  }

  void stop() {
    lookAgain.cancel();
    servers.values().forEach(ServerKeeper::stop);
  }

  /** Takes new settings; servers that they do not concern stay as they are. */
  void reconfigure(Pool next) {
    Map<ServerId, ServerKeeper> before = servers;
    List<ServerKeeper> added = new ArrayList<>();
    pool = next;
    servers = new LinkedHashMap<>();
    for (Server server : next.servers()) {
      ServerKeeper keeper = before.remove(server.id());
      if (keeper == null) {
        keeper = new ServerKeeper(context, next, server, new News());
        added.add(keeper);
      } else {
        keeper.reconfigure(next, server);
      }
      servers.put(server.id(), keeper);
    }
    before.values().forEach(ServerKeeper::stop);
    added.forEach(ServerKeeper::start);
    review();
    listener.changed(this);
  }

  PoolId id() {
    return pool.id();
  }

  Pool pool() {
    return pool;
  }

  Collection<ServerKeeper> servers() {
    return servers.values();
  }

  /** As it is now. */
  PoolState state() {
    Set<ServerId> usable = Failover.usable(pool, candidates());
    List<ServerState> states = new ArrayList<>(servers.size());
    ServerState serving = null;
    for (ServerKeeper server : servers.values()) {
      ServerState state = server.state(usable.contains(server.id()));
      states.add(state);
      if (server.id().equals(agreed.tenure().serving())) {
        serving = state;
      }
    }
    Tenure tenure = agreed.tenure();
    return new PoolState(
        pool, states, serving, tenure.epoch(), agreed.reason(), agreed.since(), tenure.pinned());
  }

  /** An operator wants a server in that state. */
  Result setState(ServerId id, OperatorState state, boolean force) {
    ServerKeeper server = servers.get(id);
    if (server == null) {
      return unknown(id);
    }
    OperatorState before = server.operatorState();
    if (before == state) {
      return new Result.Done(false);
    }
    if (state == OperatorState.MAINTENANCE && !force && isOnlyUsable(id)) {
      return new Result.Conflict(
          id + " is the only usable server of pool " + id() + "; force would take it out anyway");
    }
    server.operatorState(state);
    context.events().add(Sentences.operatorStateChanged(id(), id, before, state));
    review();
    listener.changed(this);
    return new Result.Done(true);
  }

  /** An operator wants that server to serve; null: whoever the policy says. */
  CompletableFuture<Result> switchTo(@Nullable ServerId to) {
    if (pool.mode() == Mode.BALANCE) {
      return done(new Result.Conflict("pool " + id() + " balances: it has no serving server"));
    }
    if (proposing) {
      return done(new Result.Conflict("another change of pool " + id() + " is under way"));
    }
    return to == null ? unpin() : pin(to);
  }

  /** Another replica changed what is agreed on, or what it sees. */
  void follow() {
    Optional<Agreed> elsewhere = context.agreement().agreed(id());
    if (!proposing && elsewhere.isPresent()) {
      adopt(elsewhere.get(), "another replica switched", null);
    }
    review();
  }

  private CompletableFuture<Result> unpin() {
    if (agreed.tenure().pinned() == null) {
      return done(new Result.Done(false));
    }
    Agreed next = new Agreed(agreed.tenure().unpinned(), agreed.reason(), agreed.since());
    return propose(next, "", null)
        .thenApply(
            ignored -> {
              review();
              return new Result.Done(true);
            });
  }

  private CompletableFuture<Result> pin(ServerId to) {
    ServerKeeper server = servers.get(to);
    if (server == null) {
      return done(unknown(to));
    }
    Optional<Choice> choice = Failover.switchTo(pool, view(), agreed.tenure(), to);
    if (choice.isEmpty()) {
      return done(new Result.Conflict(whyNotUsable(server)));
    }
    boolean changes = choice.get() instanceof Choice.Switch;
    return carryOut(choice.get())
        .thenApply(
            ignored -> {
              review();
              return new Result.Done(changes);
            });
  }

  private String whyNotUsable(ServerKeeper server) {
    Health health = server.health();
    String why =
        server.operatorState() != OperatorState.READY
            ? "set to " + Sentences.lower(server.operatorState())
            : health.status() != Status.UP
                ? health.status() + " (" + health.evidence() + ")"
                : "its circuit breaker is open";
    return server.id() + " is not usable: " + why;
  }

  private boolean isOnlyUsable(ServerId id) {
    return Failover.usable(pool, candidates()).equals(Set.of(id));
  }

  /** Asks the choice; to be called on all news. */
  private void review() {
    if (proposing) {
      return;
    }
    Choice choice = Failover.choose(pool, view(), agreed.tenure(), context.now());
    servers.values().forEach(ServerKeeper::changeSeen);
    lookAgain.cancel();
    Instant when = choice.lookAgain();
    if (when != null) {
      Duration wait = Duration.between(context.now(), when);
      lookAgain = context.scheduler().schedule(wait, this::review);
    }
    var unused = carryOut(choice).whenComplete((holds, failure) -> tryAgainAfter(failure));
  }

  private void tryAgainAfter(@Nullable Throwable failure) {
    if (failure != null) {
      log.warn("Pool {}: the replicas did not agree: {}", id(), failure.toString());
      lookAgain = context.scheduler().schedule(PROPOSE_AGAIN, this::review);
    }
  }

  private CompletableFuture<Agreed> carryOut(Choice choice) {
    if (choice.tenure().equals(agreed.tenure())) {
      return CompletableFuture.completedFuture(agreed);
    }
    return switch (choice) {
      case Choice.Stay stay ->
          propose(new Agreed(stay.tenure(), agreed.reason(), agreed.since()), "", null);
      case Choice.Switch change ->
          propose(
              new Agreed(change.tenure(), change.reason(), context.now()),
              change.evidence(),
              firstBad(change));
    };
  }

  /** The future is completed on the monitor's thread, once what was agreed on is adopted. */
  private CompletableFuture<Agreed> propose(
      Agreed next, String evidence, @Nullable Instant firstBad) {
    CompletableFuture<Agreed> reached = context.agreement().propose(id(), agreed, next);
    if (reached.isDone() && !reached.isCompletedExceptionally()) {
      adopt(reached.join(), evidence, firstBad);
      return reached;
    }
    proposing = true;
    CompletableFuture<Agreed> adopted = new CompletableFuture<>();
    var unused =
        reached.whenComplete(
            (holds, failure) ->
                context
                    .scheduler()
                    .execute(
                        () -> {
                          proposing = false;
                          if (failure != null) {
                            adopted.completeExceptionally(failure);
                            return;
                          }
                          adopt(holds, evidence, firstBad);
                          adopted.complete(holds);
                          review();
                        }));
    return adopted;
  }

  private void adopt(Agreed next, String evidence, @Nullable Instant firstBad) {
    Agreed before = agreed;
    if (next.equals(before)) {
      return;
    }
    agreed = next;
    if (next.tenure().epoch() != before.tenure().epoch()) {
      switched(before.tenure().serving(), next, evidence, firstBad);
    }
    listener.changed(this);
  }

  private void switched(
      @Nullable ServerId from, Agreed next, String evidence, @Nullable Instant firstBad) {
    ServerId to = next.tenure().serving();
    ServerKeeper left = from == null ? null : servers.get(from);
    if (left != null) {
      left.serving(false);
    }
    ServerKeeper taken = to == null ? null : servers.get(to);
    if (taken != null) {
      taken.serving(true);
    }
    if (next.reason() != null) {
      Duration took = firstBad == null ? null : Duration.between(firstBad, context.now());
      context
          .events()
          .add(
              Sentences.switched(
                  id(), from, to, next.reason(), next.tenure().epoch(), evidence, took));
    }
  }

  /** When what the server was left for began; null: nothing failed. */
  private @Nullable Instant firstBad(Choice.Switch change) {
    ServerKeeper left = change.from() == null ? null : servers.get(change.from());
    return left == null || left.health().status() != Status.DOWN ? null : left.health().firstBad();
  }

  private Map<ServerId, Candidate> view() {
    return context.agreement().view(id(), candidates());
  }

  private Map<ServerId, Candidate> candidates() {
    Map<ServerId, Candidate> candidates = new LinkedHashMap<>();
    servers.forEach((id, server) -> candidates.put(id, server.candidate()));
    return candidates;
  }

  private Result unknown(ServerId id) {
    return new Result.Unknown("pool " + id() + " has no server " + id);
  }

  private static CompletableFuture<Result> done(Result result) {
    return CompletableFuture.completedFuture(result);
  }

  private final class News implements ServerKeeper.Listener {
    @Override
    public void healthChanged(ServerKeeper server, Health before, Health after) {
      context
          .events()
          .add(
              Sentences.healthChanged(
                  id(), server.id(), before.status(), after.status(), after.evidence()));
    }

    @Override
    public void circuitChanged(ServerKeeper server, boolean open, String evidence) {
      boolean kept = open && Failover.usable(pool, candidates()).contains(server.id());
      context
          .events()
          .add(
              Sentences.circuitChanged(
                  id(),
                  server.id(),
                  open,
                  kept ? evidence + "; it stays in use, nobody else could serve" : evidence));
    }

    @Override
    public void news() {
      review();
      listener.changed(PoolKeeper.this);
    }

    @Override
    public void touched() {
      listener.touched(PoolKeeper.this);
    }

    @Override
    public void firstAnswer(ServerKeeper server) {
      listener.firstAnswer(server);
    }
  }
}
