package dev.understudy.testing;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.network.Networks;
import dev.understudy.pool.BalanceAlgorithm;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.PromotionSettings;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.PoolTraffic;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** One pool whose snapshots a test makes by hand; all servers start UP and the first one serves. */
public final class TestPools extends SnapshotPublisher {
  public static final PoolId POOL = new PoolId("sense");
  private static final AtomicLong INCARNATIONS = new AtomicLong();

  private final Map<String, HealthStatus> status = new HashMap<>();
  private final Map<String, OperatorState> operator = new HashMap<>();
  private final Set<String> circuitOpen = new HashSet<>();
  private final Set<String> kept = new HashSet<>();
  private final Map<String, Long> incarnation = new HashMap<>();
  private final Map<String, Long> oldestIncarnation = new HashMap<>();
  private final Map<String, Instant> leftServing = new HashMap<>();
  private final Map<String, ServerState.LastProbe> lastProbe = new HashMap<>();
  private final Map<String, ServerTraffic> traffic = new LinkedHashMap<>();
  private final PoolTraffic poolTraffic = new PoolTraffic();
  private Pool pool;
  private String serving;
  private long epoch = 1;
  private Authority authority = Authority.FULL;
  private SwitchReason reason;
  private PlannedSwitch planned;
  private PoolMaintenance maintenance;

  private TestPools(Pool pool) {
    this.pool = pool;
    for (Server server : pool.servers()) {
      String id = server.id().value();
      status.put(id, HealthStatus.UP);
      another(id);
      traffic.put(id, new ServerTraffic());
    }
    serving = pool.mode() == PoolMode.FAILOVER ? pool.servers().get(0).id().value() : null;
    publish();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  public PoolState state() {
    return current().byId().get(POOL);
  }

  public ServerState server(String id) {
    return state().server(new ServerId(id));
  }

  /** The serving server changes for that reason. */
  public synchronized void serve(String id, SwitchReason why) {
    reason = why;
    serve(id);
  }

  /** The serving server changes; null: nobody serves. */
  public synchronized void serve(String id) {
    if (serving != null && operatorState(serving) != OperatorState.DRAIN) {
      leftServing.put(serving, Instant.now());
    }
    leftServing.remove(id);
    serving = id;
    epoch++;
    publish();
  }

  /**
   * A planned switch to that server has the clients wait.
   *
   * @param cut whether it ends what still runs at the other servers
   */
  public synchronized void pause(String to, boolean cut) {
    SwitchRequest request =
        new SwitchRequest(new ServerId(to), Duration.ofSeconds(10), cut, null, null);
    planned = planned(request, SwitchPhase.PAUSING, cut);
    publish();
  }

  /** The planned switch has moved the role. */
  public synchronized void move() {
    String to = planned.to().value();
    planned = planned(planned.request(), SwitchPhase.MOVED, planned.cut());
    serve(to, SwitchReason.OPERATOR);
  }

  /** The planned switch is given up. */
  public synchronized void giveUp() {
    planned = planned(planned.request(), SwitchPhase.GIVEN_UP, planned.cut());
    publish();
  }

  /**
   * An operator sets the whole pool to maintenance, in which clients of those networks are served.
   */
  public void maintenance(String... allow) {
    maintenance(new PoolMaintenance(true, Instant.now(), null, Networks.of(List.of(allow)), null));
  }

  /** An operator sets the whole pool to maintenance, or with null to ready. */
  public synchronized void maintenance(PoolMaintenance next) {
    maintenance = next;
    publish();
  }

  private PlannedSwitch planned(SwitchRequest request, SwitchPhase phase, boolean cut) {
    return new PlannedSwitch(
        "planned-" + epoch,
        new ServerId(serving),
        request,
        epoch + 1,
        "",
        Set.of(""),
        cut,
        List.of(new PlannedSwitch.Stage(phase, Instant.now(), "")));
  }

  /** An operator wants it; who serves does not change. */
  public synchronized void operator(String id, OperatorState state) {
    operator.put(id, state);
    publish();
  }

  /** An operator drains a failover pool's serving server, and another takes over. */
  public synchronized void drain(String from, String to) {
    operator.put(from, OperatorState.DRAIN);
    serve(to, SwitchReason.OPERATOR);
  }

  /** Its circuit breaker opens; who serves does not change. */
  public synchronized void circuitOpen(String id) {
    circuitOpen.add(id);
    publish();
  }

  private OperatorState operatorState(String id) {
    return operator.getOrDefault(id, OperatorState.READY);
  }

  /** Nobody can say any more whether the epoch is the newest, or can again. */
  public synchronized void trustEpoch(boolean trusted) {
    authority(trusted ? Authority.FULL : Authority.WITHOUT_EPOCH);
  }

  /** From now on this replica may go so far by what was agreed on. */
  public synchronized void authority(Authority next) {
    authority = next;
    publish();
  }

  /** Judged DOWN; who serves does not change. */
  public synchronized void down(String id) {
    status.put(id, HealthStatus.DOWN);
    another(id);
    publish();
  }

  public synchronized void up(String id) {
    status.put(id, HealthStatus.UP);
    publish();
  }

  /** Judged DOWN because probes were not answered in time; who serves does not change. */
  public synchronized void silent(String id) {
    lastProbe.put(
        id,
        new ServerState.LastProbe(
            Instant.now(), Duration.ofSeconds(1), ProbeOutcome.TIMED_OUT, "no response in time"));
    down(id);
  }

  /** A probe that began just now was answered. */
  public void probed(String id) {
    probed(id, ProbeOutcome.OK);
  }

  /** Probes a server whenever it broke a connection, with success: it lives. */
  public void probeWhatBreaks(Recorder seen) {
    seen.whenBroken(server -> probed(server.server().id().value()));
  }

  /** A probe that began just now has ended so. */
  public synchronized void probed(String id, ProbeOutcome outcome) {
    lastProbe.put(
        id, new ServerState.LastProbe(Instant.now(), Duration.ZERO, outcome, outcome.name()));
    publish();
  }

  /** Judged DOWN and doubted to be: it stays in use, with its incarnation. */
  public synchronized void keepDown(String id) {
    status.put(id, HealthStatus.DOWN);
    kept.add(id);
    publish();
  }

  /** A server is judged DOWN and another takes over. */
  public synchronized void failover(String from, String to) {
    status.put(from, HealthStatus.DOWN);
    another(from);
    serve(to, SwitchReason.HEALTH_CHECK_FAILED);
  }

  /** As a new file would: other settings, same servers. */
  public synchronized void configure(Pool other) {
    pool = other;
    publish();
  }

  /** As a new file would from which the serving server is gone: another one serves at once. */
  public synchronized void configure(Pool other, String next) {
    pool = other;
    serve(next);
  }

  /** The name of a server has another address, which is as good. */
  public synchronized void readdress(String id) {
    incarnation.put(id, INCARNATIONS.incrementAndGet());
    publish();
  }

  private void another(String id) {
    incarnation.put(id, INCARNATIONS.incrementAndGet());
    oldestIncarnation.put(id, incarnation.get(id));
  }

  /** As a new file would: one server gets another incarnation but is not DOWN. */
  public synchronized void reincarnate(String id) {
    another(id);
    publish();
  }

  /**
   * As two new files would, one without the pool: its servers may be elsewhere, nothing is known of
   * them but which one served.
   */
  public synchronized void returnAs(Pool other) {
    publish(new Snapshot(current().version() + 1, Map.of()));
    pool = other;
    for (Server server : pool.servers()) {
      String id = server.id().value();
      status.put(id, HealthStatus.UNKNOWN);
      another(id);
      traffic.put(id, new ServerTraffic());
    }
    publish();
  }

  private void publish() {
    List<ServerState> servers = new ArrayList<>();
    ServerState servingState = null;
    for (Server server : pool.servers()) {
      ServerState state = state(server);
      servers.add(state);
      if (server.id().value().equals(serving)) {
        servingState = state;
      }
    }
    PoolState state =
        new PoolState(
            pool,
            servers,
            servingState,
            epoch,
            authority,
            reason,
            Instant.now(),
            null,
            null,
            planned,
            planned != null && planned.phase().pauses(),
            OwedHooks.NONE,
            maintenance,
            poolTraffic);
    publish(state);
  }

  private ServerState state(Server server) {
    String id = server.id().value();
    ServerAddress address = server.address();
    return new ServerState(
        POOL,
        server,
        new InetSocketAddress(address.host(), address.port()),
        status.get(id),
        Instant.now(),
        operatorState(id),
        ServerState.OperatorAct.UNKNOWN,
        circuitOpen.contains(id),
        (status.get(id) == HealthStatus.UP || kept.contains(id))
            && operatorState(id) == OperatorState.READY
            && !circuitOpen.contains(id),
        incarnation.get(id),
        oldestIncarnation.get(id),
        leftServing.get(id),
        lastProbe.get(id),
        traffic.get(id),
        null,
        ServerState.FULL_WEIGHT,
        null,
        new ServerState.Checks(Instant.now(), false),
        null);
  }

  /** Describes a pool with short times, so that tests are quick. */
  public static Builder pool() {
    return pool(POOL)
        .hold(Duration.ofSeconds(20), 1024, 64 * 1024)
        .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(60));
  }

  /** Describes a failover pool with the default settings. */
  public static Builder pool(PoolId id) {
    return new Builder(id);
  }

  /** Describes a pool that differs from another only in what is set next. */
  public static Builder like(Pool other) {
    Builder builder = new Builder(other.id()).servers(other.servers().toArray(Server[]::new));
    builder.mode = other.mode();
    builder.health = other.health();
    builder.passive = other.settings().passive();
    builder.failback = other.failback();
    builder.sticky = other.settings().sticky();
    builder.hold = other.settings().hold();
    builder.retry = other.settings().retry();
    builder.onSwitch = other.settings().onSwitch();
    builder.timeouts = other.settings().timeouts();
    builder.tls = other.settings().tls();
    builder.balance = other.settings().balance();
    builder.preferSameZone = other.settings().preferSameZone();
    builder.hooks = other.settings().hooks();
    builder.promotion = other.settings().promotion();
    builder.templates = other.templates();
    return builder;
  }

  /** Describes a pool. */
  public static final class Builder {
    private final PoolId id;
    private final List<Server> servers = new ArrayList<>();
    private PoolMode mode = PoolMode.FAILOVER;
    private HealthSettings health = HealthSettings.DEFAULT;
    private PassiveSettings passive;
    private FailbackSettings failback = FailbackSettings.DEFAULT;
    private StickySettings sticky;
    private HoldSettings hold = HoldSettings.DEFAULT;
    private RetrySettings retry = RetrySettings.DEFAULT;
    private HookSettings hooks = HookSettings.NONE;
    private PromotionSettings promotion = PromotionSettings.DEFAULT;
    private SwitchSettings onSwitch = SwitchSettings.DEFAULT;
    private TimeoutSettings timeouts = TimeoutSettings.DEFAULT;
    private UpstreamTls tls = UpstreamTls.DEFAULT;
    private ProxyHeader proxyProtocol;
    private BalanceAlgorithm balance = BalanceAlgorithm.ROUND_ROBIN;
    private boolean preferSameZone;
    private boolean http2;
    private List<ServerTemplate> templates = List.of();

    private Builder(PoolId id) {
      this.id = id;
    }

    /** In place of those described so far. */
    public Builder servers(Server... values) {
      servers.clear();
      servers.addAll(List.of(values));
      return this;
    }

    public Builder master(String id, int port) {
      return server(id, Rank.MASTER, port, OptionalInt.empty(), false);
    }

    public Builder backup(String id, int port) {
      return server(id, Rank.BACKUP, port, OptionalInt.empty(), false);
    }

    public Builder limited(String id, int port, int maxRequests) {
      return server(id, Rank.MASTER, port, OptionalInt.of(maxRequests), false);
    }

    public Builder weighted(String id, int port, int weight) {
      ServerAddress address = TestSettings.address(false, "127.0.0.1", port);
      servers.add(
          TestServers.of(new ServerId(id), address, Rank.MASTER, OptionalInt.empty(), weight));
      return this;
    }

    /** A master in a zone; null for none. */
    public Builder zoned(String id, int port, String zone) {
      ServerAddress address = TestSettings.address(false, "127.0.0.1", port);
      servers.add(
          new Server(
              new ServerId(id),
              address,
              null,
              new ServerSettings(
                  Rank.MASTER, OptionalInt.empty(), 1, OptionalInt.empty(), null, zone)));
      return this;
    }

    public Builder preferSameZone() {
      preferSameZone = true;
      return this;
    }

    public Builder balance(BalanceAlgorithm value) {
      balance = value;
      return balance();
    }

    public Builder templates(ServerTemplate... values) {
      templates = List.of(values);
      return this;
    }

    public Builder tlsMaster(String id, int port) {
      return server(id, Rank.MASTER, port, OptionalInt.empty(), true);
    }

    private Builder server(String id, Rank rank, int port, OptionalInt max, boolean tls) {
      ServerAddress address = TestSettings.address(tls, "127.0.0.1", port);
      servers.add(TestServers.of(new ServerId(id), address, rank, max));
      return this;
    }

    public Builder balance() {
      return mode(PoolMode.BALANCE);
    }

    public Builder mode(PoolMode value) {
      mode = value;
      return this;
    }

    public Builder health(HealthSettings value) {
      health = value;
      return this;
    }

    public Builder passive() {
      return passive(PassiveSettings.DEFAULT);
    }

    public Builder passive(PassiveSettings value) {
      passive = value;
      return this;
    }

    public Builder failback(FailbackSettings value) {
      failback = value;
      return this;
    }

    public Builder sticky(StickySettings.AfterFailback after) {
      return sticky(TestSettings.sticky(StickySettings.DEFAULT.cookie(), after));
    }

    /** Null: no sticky sessions. */
    public Builder sticky(StickySettings value) {
      sticky = value;
      return this;
    }

    public Builder hold(Duration time, int requests, int body) {
      hold = new HoldSettings(time, requests, body);
      return this;
    }

    public Builder retry(RetrySettings value) {
      retry = value;
      return this;
    }

    public Builder promotion(PromotionSettings value) {
      promotion = value;
      return this;
    }

    public Builder hooks(HookSettings value) {
      hooks = value;
      return this;
    }

    public Builder onSwitch(SwitchSettings value) {
      onSwitch = value;
      return this;
    }

    public Builder drain(Duration drain) {
      return onSwitch(TestSettings.onSwitch(SwitchSettings.WebSockets.CLOSE, drain));
    }

    /** With {@code streams: keep}. */
    public Builder keepStreams(Duration drain) {
      onSwitch =
          TestSettings.onSwitch(
              SwitchSettings.WebSockets.CLOSE,
              SwitchSettings.Streams.KEEP,
              drain,
              SwitchSettings.DEFAULT.closeCode());
      return this;
    }

    public Builder timeouts(Duration connect, Duration response, Duration idle) {
      return timeouts(TestSettings.timeouts(connect, response, idle, Duration.ofHours(1)));
    }

    public Builder timeouts(TimeoutSettings value) {
      timeouts = value;
      return this;
    }

    public Builder tls(UpstreamTls value) {
      tls = value;
      return this;
    }

    /** HTTP/2 to the servers. */
    public Builder http2() {
      http2 = true;
      return this;
    }

    /** Servers get the client's address in such a header; null for none. */
    public Builder proxyProtocol(ProxyHeader header) {
      proxyProtocol = header;
      return this;
    }

    public Pool build() {
      return new Pool(
          id,
          mode,
          servers,
          health,
          failback,
          new PoolSettings(
              passive,
              sticky,
              hold,
              retry,
              onSwitch,
              timeouts,
              tls,
              proxyProtocol,
              balance,
              preferSameZone,
              http2,
              hooks,
              promotion),
          templates);
    }

    public TestPools start() {
      return new TestPools(build());
    }
  }
}
