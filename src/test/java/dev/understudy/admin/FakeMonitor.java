package dev.understudy.admin;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.OperatorCommands;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.PoolTraffic;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A monitor without timers: shows two pools and obeys commands. */
final class FakeMonitor implements SnapshotSource, OperatorCommands {
  static final PoolId SENSE = new PoolId("sense");
  static final PoolId REPORTS = new PoolId("reports");
  static final ServerId MASTER = new ServerId("sen2");
  static final ServerId BACKUP = new ServerId("sen1");

  private final EventLog events;
  private final Instant start = Instant.now();
  private volatile Snapshot snapshot = Snapshot.EMPTY;
  private volatile ServerId serving = MASTER;
  private volatile @Nullable ServerId pinned;
  private volatile long epoch = 1;
  private volatile SwitchReason reason = SwitchReason.INITIAL;
  private volatile @Nullable ChoiceExplanation explanation;
  private volatile @Nullable PlannedSwitch planned;
  private volatile @Nullable PoolMaintenance maintenance;
  private volatile boolean stuck;
  private volatile @Nullable String unkept;
  private volatile @Nullable String open;
  private volatile InetAddress address;
  private volatile Map<ServerId, ServerTraffic> traffic = Map.of();
  private volatile OperatorState masterState = OperatorState.READY;
  private volatile ServerState.OperatorAct masterAct = ServerState.OperatorAct.UNKNOWN;

  FakeMonitor(EventLog events) {
    this.events = events;
    reset();
  }

  ServerTraffic traffic(ServerId server) {
    return traffic.get(server);
  }

  /** As it was at first. */
  void reset() {
    serving = MASTER;
    pinned = null;
    epoch = 1;
    reason = SwitchReason.INITIAL;
    stuck = false;
    open = null;
    unkept = null;
    explanation = null;
    planned = null;
    maintenance = null;
    masterState = OperatorState.READY;
    masterAct = ServerState.OperatorAct.UNKNOWN;
    traffic = Map.of(MASTER, new ServerTraffic(), BACKUP, new ServerTraffic());
    at("10.0.0.7");
  }

  /** From now on all servers are at that address. */
  void at(String literal) {
    address = NetUtil.createInetAddressFromIpAddressString(literal);
    publish();
  }

  /** From now on the failover pool says that of itself. */
  void explanation(ChoiceExplanation value) {
    explanation = value;
    publish();
  }

  /** From now on nothing is kept beyond a restart, for that reason. */
  void keepsNothing(String why) {
    unkept = why;
  }

  @Override
  public OperatorCommands durably() {
    return unkept == null ? this : new Refusing(unkept);
  }

  /** From now on it is not known whether commands are carried out, for that reason. */
  void losesAnswers(String why) {
    open = why;
  }

  /** From now on commands are never answered. */
  void getStuck() {
    stuck = true;
  }

  /** Serving moves, as a failover or failback would do it. */
  void move(ServerId to, SwitchReason why, String evidence) {
    move(to, why, evidence, null);
  }

  private void move(ServerId to, SwitchReason why, String evidence, @Nullable Operator by) {
    ServerId from = serving;
    serving = to;
    epoch++;
    reason = why;
    publish();
    events.add(
        new Event.Switched(
            SENSE,
            from,
            to,
            why,
            epoch,
            evidence,
            "proxy-2",
            why == SwitchReason.FAILBACK ? null : Duration.ofMillis(760),
            null,
            by,
            "sense: " + to + " serves instead of " + from + ": " + evidence));
  }

  private void publish() {
    Pool sense =
        pool(
            SENSE,
            PoolMode.FAILOVER,
            server(MASTER, Rank.MASTER, 8079, OptionalInt.empty()),
            server(BACKUP, Rank.BACKUP, 8080, OptionalInt.of(500)));
    Pool reports =
        pool(
            REPORTS,
            PoolMode.BALANCE,
            server(new ServerId("rep1"), Rank.MASTER, 9001, OptionalInt.empty()),
            server(new ServerId("rep2"), Rank.MASTER, 9002, OptionalInt.empty()));
    snapshot =
        new Snapshot(
            snapshot.version() + 1,
            Map.of(SENSE, state(sense, true), REPORTS, state(reports, false)));
  }

  /**
   * @param failover whether it is the pool that commands change
   */
  private PoolState state(Pool pool, boolean failover) {
    List<ServerState> states =
        pool.servers().stream().map(server -> state(pool.id(), server)).toList();
    return new PoolState(
        pool,
        states,
        states.stream().filter(s -> s.server().id().equals(serving)).findFirst().orElse(null),
        failover ? epoch : 0,
        Authority.FULL,
        failover ? reason : null,
        start,
        failover ? pinned : null,
        failover ? explanation : null,
        failover ? planned : null,
        failover && planned != null && planned.phase().pauses(),
        OwedHooks.NONE,
        failover ? maintenance : null,
        new PoolTraffic());
  }

  private ServerState state(PoolId pool, Server server) {
    boolean down = server.id().value().equals("rep2") || downMaster(server.id());
    boolean master = server.id().equals(MASTER);
    OperatorState operator = master ? masterState : OperatorState.READY;
    return new ServerState(
        pool,
        server,
        new InetSocketAddress(address, server.address().port()),
        down ? HealthStatus.DOWN : HealthStatus.UP,
        start,
        operator,
        master ? masterAct : ServerState.OperatorAct.UNKNOWN,
        false,
        !down && operator == OperatorState.READY,
        1,
        1,
        null,
        new ServerState.LastProbe(
            start,
            Duration.ofNanos(1_234_567),
            down ? ProbeOutcome.BAD_STATUS : ProbeOutcome.OK,
            down ? "status 503" : "status 200"),
        traffic.getOrDefault(server.id(), new ServerTraffic()),
        null,
        ServerState.FULL_WEIGHT,
        null,
        new ServerState.Checks(start, false),
        null);
  }

  private boolean downMaster(ServerId server) {
    return server.equals(MASTER) && reason == SwitchReason.HEALTH_CHECK_FAILED;
  }

  private static Pool pool(PoolId id, PoolMode mode, Server... servers) {
    Hook demote =
        new Hook("http://{server.host}:8081/", List.of(), Map.of(), Duration.ofSeconds(5), false);
    return TestPools.pool(id)
        .mode(mode)
        .servers(servers)
        .hooks(mode == PoolMode.FAILOVER ? new HookSettings(demote, null) : HookSettings.NONE)
        .build();
  }

  private static Server server(ServerId id, Rank rank, int port, OptionalInt maxRequests) {
    String host = "react-" + id + ".example.com";
    return TestServers.of(id, TestSettings.address(false, host, port), rank, maxRequests);
  }

  @Override
  public Snapshot current() {
    return snapshot;
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public Runnable subscribe(Consumer<Snapshot> listener) {
    throw new UnsupportedOperationException("admin follows events only");
  }

  private static CompletionStage<Result> unknown(String kind, Object name) {
    return CompletableFuture.completedFuture(
        new Result.Unknown("There is no %s '%s'.".formatted(kind, name)));
  }

  private CompletionStage<Result> done(boolean changed) {
    String why = open;
    return CompletableFuture.completedFuture(
        why == null ? new Result.Done(changed, unkept) : new Result.NotKnown(why));
  }

  private static CompletionStage<Result> conflict(String why) {
    return CompletableFuture.completedFuture(new Result.Conflict(why));
  }

  @Override
  public CompletionStage<Result> setState(PoolId pool, PoolMaintenance next, boolean force) {
    if (snapshot.pool(pool) == null) {
      return unknown("pool", pool);
    }
    if (!force && next.on()) {
      return conflict("in maintenance, the pool serves no clients");
    }
    PoolMaintenance now = maintenance;
    boolean changed = now == null ? next.on() : !next.isLike(now);
    maintenance = next.on() ? next : null;
    publish();
    return done(changed);
  }

  @Override
  public CompletionStage<Result> setState(
      PoolId pool, ServerId server, OperatorState state, boolean force, @Nullable Operator by) {
    if (stuck) {
      return new CompletableFuture<>();
    }
    if (snapshot.pool(pool) == null || snapshot.pool(pool).server(server) == null) {
      return unknown("server", server);
    }
    if (!server.equals(MASTER)) {
      return force ? done(true) : conflict("sen1 is the only usable server of sense");
    }
    boolean changed = masterState != state;
    if (changed) {
      OperatorState from = masterState;
      masterState = state;
      masterAct = new ServerState.OperatorAct(by, start);
      publish();
      events.add(
          new ServerEvent.OperatorStateChanged(
              pool,
              server,
              from,
              state,
              by,
              pool + ": an operator set " + server + " to " + state));
    }
    return done(changed);
  }

  @Override
  public CompletionStage<Result> planSwitch(PoolId pool, SwitchRequest request) {
    if (snapshot.pool(pool) == null) {
      return unknown("pool", pool);
    }
    if (planned != null && planned.isActive()) {
      return conflict("one is under way already");
    }
    planned =
        new PlannedSwitch(
            "3-x",
            serving,
            request,
            epoch + 1,
            "",
            Set.of(""),
            false,
            List.of(
                new PlannedSwitch.Stage(
                    request.at() == null ? SwitchPhase.PAUSING : SwitchPhase.SCHEDULED,
                    start,
                    "")));
    publish();
    return done(true);
  }

  @Override
  public CompletionStage<Result> giveUpSwitch(PoolId pool, @Nullable Operator by) {
    return conflict("it is in phase FENCING");
  }

  @Override
  public CompletionStage<Result> switchTo(
      PoolId pool, @Nullable ServerId to, boolean acceptLoss, @Nullable Operator by) {
    PoolState state = snapshot.pool(pool);
    if (state == null || (to != null && state.server(to) == null)) {
      return state == null ? unknown("pool", pool) : unknown("server", to);
    }
    if (pool.equals(REPORTS)) {
      return conflict("reports is a balance pool");
    }
    boolean moved = to != null && !to.equals(serving);
    boolean changed = moved || !Objects.equals(pinned, to);
    pinned = to;
    if (moved) {
      move(to, SwitchReason.OPERATOR, "an operator switched", by);
    } else {
      publish();
    }
    return done(changed);
  }

  /** Commands of which none can be kept. */
  private record Refusing(String why) implements OperatorCommands {
    private CompletionStage<Result> refused() {
      return CompletableFuture.completedFuture(new Result.Unavailable(why));
    }

    @Override
    public OperatorCommands durably() {
      return this;
    }

    @Override
    public CompletionStage<Result> setState(
        PoolId pool, ServerId server, OperatorState state, boolean force, @Nullable Operator by) {
      return refused();
    }

    @Override
    public CompletionStage<Result> setState(PoolId pool, PoolMaintenance next, boolean force) {
      return refused();
    }

    @Override
    public CompletionStage<Result> switchTo(
        PoolId pool, @Nullable ServerId to, boolean acceptLoss, @Nullable Operator by) {
      return refused();
    }

    @Override
    public CompletionStage<Result> planSwitch(PoolId pool, SwitchRequest request) {
      return refused();
    }

    @Override
    public CompletionStage<Result> giveUpSwitch(PoolId pool, @Nullable Operator by) {
      return refused();
    }
  }
}
