package dev.understudy.monitor;

import dev.understudy.agreement.Agreed;
import dev.understudy.failover.Candidate;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One pool: its settings, its servers, its role, and what operators ask of it. */
final class PoolKeeper {
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
  private final RoleKeeper role;
  private final PoolTraffic traffic = new PoolTraffic();
  private Map<ServerId, ServerKeeper> servers = new LinkedHashMap<>();
  private Pool pool;

  /** As {@link #state} said last. */
  private boolean epochTrusted;

  PoolKeeper(Context context, Pool pool, Listener listener) {
    this.context = context;
    this.pool = pool;
    this.listener = listener;
    this.role = new RoleKeeper(context, pool.id(), new Role());
    for (Server server : pool.servers()) {
      servers.put(server.id(), new ServerKeeper(context, pool, server, new News()));
    }
  }

  /**
   * Begins to look.
   *
   * @param keptFrom where a serving server that was agreed on before comes from, for people
   */
  void start(String keptFrom) {
    role.begin(keptFrom);
    servers.values().forEach(ServerKeeper::start);
    listener.changed(this);
  }

  void stop() {
    role.stop();
    servers.values().forEach(ServerKeeper::stop);
  }

  /** Takes new settings; servers that they do not concern stay as they are. */
  void reconfigure(Pool next) {
    Map<ServerId, ServerKeeper> gone = new LinkedHashMap<>(servers);
    Map<ServerId, ServerKeeper> kept = new LinkedHashMap<>();
    List<ServerKeeper> added = new ArrayList<>();
    pool = next;
    for (Server server : next.servers()) {
      ServerKeeper keeper = gone.remove(server.id());
      if (keeper == null) {
        keeper = new ServerKeeper(context, next, server, new News());
        added.add(keeper);
      } else {
        keeper.reconfigure(next, server);
      }
      kept.put(server.id(), keeper);
    }
    servers = kept;
    gone.values().forEach(ServerKeeper::stop);
    added.forEach(ServerKeeper::start);
    role.review();
    listener.changed(this);
  }

  /** What is agreed on, what replicas see, or the trust in the epoch has changed elsewhere. */
  void follow() {
    role.follow();
    if (epochTrusted != context.agreement().isEpochTrusted(id())) {
      listener.changed(this);
    }
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
    Agreed agreed = role.agreed();
    Tenure tenure = agreed.tenure();
    epochTrusted = context.agreement().isEpochTrusted(id());
    Set<ServerId> usable = usable();
    List<ServerState> states = new ArrayList<>(servers.size());
    ServerState serving = null;
    for (ServerKeeper server : servers.values()) {
      ServerState state = server.state(usable.contains(server.id()));
      states.add(state);
      if (server.id().equals(tenure.serving())) {
        serving = state;
      }
    }
    return new PoolState(
        pool,
        states,
        serving,
        tenure.epoch(),
        epochTrusted,
        agreed.reason(),
        agreed.since(),
        tenure.pinned(),
        role.standing(),
        traffic);
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
    if (state != OperatorState.READY && !force && usable().equals(Set.of(id))) {
      return new Result.Conflict(
          id + " is the only usable server of pool " + id() + "; force would take it out anyway");
    }
    server.operatorState(state);
    context.events().add(Sentences.operatorStateChanged(id(), id, before, state));
    role.review();
    listener.changed(this);
    return new Result.Done(true);
  }

  /** An operator wants that server to serve; null: whoever the policy says. */
  CompletableFuture<Result> switchTo(@Nullable ServerId to) {
    if (pool.mode() == Mode.BALANCE) {
      return conflict("pool " + id() + " balances: it has no serving server");
    }
    if (role.proposing()) {
      return conflict("another change of pool " + id() + " is under way");
    }
    if (to == null) {
      return role.unpin().thenApply(Result.Done::new);
    }
    ServerKeeper server = servers.get(to);
    if (server == null) {
      return CompletableFuture.completedFuture(unknown(to));
    }
    return role.pin(to)
        .map(done -> done.<Result>thenApply(Result.Done::new))
        .orElseGet(() -> conflict(whyNotUsable(server)));
  }

  private static String whyNotUsable(ServerKeeper server) {
    Health health = server.health();
    String why;
    if (server.operatorState() != OperatorState.READY) {
      why = "an operator set it to " + Sentences.lower(server.operatorState());
    } else if (health.status() != Status.UP) {
      why = health.status() + ", " + health.evidence();
    } else {
      why = "its circuit breaker is open";
    }
    return server.id() + " is not usable: " + why;
  }

  private Result unknown(ServerId id) {
    return new Result.Unknown("server " + id + " in pool " + id());
  }

  private static CompletableFuture<Result> conflict(String why) {
    return CompletableFuture.completedFuture(new Result.Conflict(why));
  }

  private Set<ServerId> usable() {
    return Failover.usable(pool, candidates());
  }

  private Map<ServerId, Candidate> candidates() {
    Map<ServerId, Candidate> candidates = new LinkedHashMap<>();
    servers.forEach((id, server) -> candidates.put(id, server.candidate()));
    return candidates;
  }

  private final class Role implements RoleKeeper.Owner {
    @Override
    public Pool pool() {
      return pool;
    }

    @Override
    public Map<ServerId, Candidate> candidates() {
      return PoolKeeper.this.candidates();
    }

    @Override
    public @Nullable Instant firstBad(ServerId left) {
      ServerKeeper server = servers.get(left);
      return server == null || server.health().status() != Status.DOWN
          ? null
          : server.health().firstBad();
    }

    @Override
    public void reviewed() {
      servers.values().forEach(ServerKeeper::changeSeen);
    }

    @Override
    public void switched(@Nullable ServerId from, @Nullable ServerId to) {
      ServerKeeper left = from == null ? null : servers.get(from);
      if (left != null) {
        left.serving(false);
      }
      ServerKeeper taken = to == null ? null : servers.get(to);
      if (taken != null) {
        taken.serving(true);
      }
    }

    @Override
    public void adopted() {
      listener.changed(PoolKeeper.this);
    }
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
      boolean kept = open && usable().contains(server.id());
      String why = kept ? evidence + "; it stays in use, nobody else could serve" : evidence;
      context.events().add(Sentences.circuitChanged(id(), server.id(), open, why));
    }

    @Override
    public void news() {
      role.review();
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
