package dev.understudy.monitor;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.role.RoleInput;
import dev.understudy.role.RoleProgress;
import dev.understudy.role.RoleView;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.PoolTraffic;
import dev.understudy.snapshot.ServerState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One pool: its settings, its servers and its role. */
final class PoolController implements RoleRunner.Host, ServerController.Owner {
  private final MonitorContext context;
  private final PublishingScheduler publisher;
  private final RoleRunner role;
  private final MaintenanceController maintenance;
  private final PoolTraffic traffic = new PoolTraffic();
  private Map<ServerId, ServerController> servers = new LinkedHashMap<>();

  /** The pool as the file has it, without the servers that its templates find. */
  private Pool written;

  private List<Discovery> discoveries = List.of();

  /** The pool as the file has it, and the servers that its templates find. */
  private Pool file;

  /** The pool in force: {@link #file}, plus the serving server until all have left it. */
  private Pool pool;

  /** The authority that {@link #state} published last. */
  private Authority authority = Authority.WITHOUT_EPOCH;

  PoolController(MonitorContext context, Pool pool, PublishingScheduler publisher) {
    this.context = context;
    this.written = pool;
    this.file = pool;
    this.pool = pool;
    this.publisher = publisher;
    this.role = new RoleRunner(context, pool.id(), this);
    this.maintenance = new MaintenanceController(context, pool.id(), this::changed);
    for (Server server : pool.servers()) {
      servers.put(server.id(), new ServerController(context, pool, server, this));
    }
  }

  /**
   * Takes up what was agreed on before and starts the probes.
   *
   * @param keptFrom source of an earlier agreement on the serving server, for people
   */
  void start(String keptFrom) {
    maintenance.follow();
    discover();
    role.take(new RoleInput.Begin(keptFrom));
    servers.values().forEach(ServerController::start);
    changed();
  }

  @Override
  public void review() {
    drainTerminating();
    role.take(new RoleInput.News());
    changed();
  }

  /** The clock on the wall was set. */
  void wallSet() {
    maintenance.follow();
    review();
  }

  void stop() {
    discoveries.forEach(Discovery::stop);
    role.stop();
    maintenance.stop();
    servers.values().forEach(ServerController::stop);
  }

  /** Takes new settings; servers that they do not concern stay as they are. */
  void reconfigure(Pool next) {
    written = next;
    discover();
    file = withDiscovered();
    putInForce(withServing(file));
    takePods();
  }

  /** Follows the templates of the file; those of the same name go on. */
  private void discover() {
    List<Discovery> before = new ArrayList<>(discoveries);
    List<Discovery> next = new ArrayList<>();
    List<Discovery> added = new ArrayList<>();
    for (ServerTemplate template : written.templates()) {
      Discovery known =
          before.stream().filter(each -> each.isOf(template)).findFirst().orElse(null);
      if (known == null) {
        known = new Discovery(id(), template, context, this::discovered);
        before.stream().filter(known::follows).findFirst().ifPresent(known::goOnFrom);
        added.add(known);
      } else {
        before.remove(known);
        known.reconfigure(template);
      }
      next.add(known);
    }
    discoveries = next;
    before.forEach(Discovery::stop);
    added.forEach(Discovery::start);
  }

  private void discovered() {
    Pool next = withDiscovered();
    if (!next.equals(file)) {
      file = next;
      putInForce(withServing(next));
    } else {
      review();
    }
    takePods();
  }

  /** Tells the servers what the cluster says of their Pods. */
  private void takePods() {
    boolean news = false;
    for (Discovery discovery : discoveries) {
      for (Map.Entry<ServerId, Discovery.Pod> each : discovery.pods().entrySet()) {
        ServerController server = servers.get(each.getKey());
        news |= server != null && server.pod(each.getValue());
      }
    }
    if (news) {
      review();
    }
  }

  /** Lets those whose Pods terminate drain, while another server could serve. */
  private void drainTerminating() {
    if (discoveries.isEmpty()) {
      return;
    }
    Set<ServerId> terminating =
        servers.values().stream()
            .filter(ServerController::isTerminating)
            .map(ServerController::id)
            .collect(Collectors.toSet());
    boolean other = !terminating.isEmpty() && !terminating.containsAll(usable());
    servers.values().forEach(each -> each.drainByCluster(other && terminating.contains(each.id())));
  }

  private Pool withDiscovered() {
    if (discoveries.isEmpty()) {
      return written;
    }
    List<Server> all = new ArrayList<>(written.servers());
    discoveries.forEach(each -> all.addAll(each.servers()));
    return written.with(all);
  }

  /** Whether each template's first query has ended. */
  boolean isDiscovered() {
    return discoveries.stream().allMatch(Discovery::answered);
  }

  @Override
  public RoleView.Search search(@Nullable ServerId serving) {
    boolean awaited =
        serving != null
            && pool.server(serving) == null
            && discoveries.stream().anyMatch(each -> each.mayFind(serving));
    return new RoleView.Search(awaited, isDiscovered());
  }

  private void putInForce(Pool next) {
    Map<ServerId, ServerController> gone = new LinkedHashMap<>(servers);
    Map<ServerId, ServerController> kept = new LinkedHashMap<>();
    List<ServerController> added = new ArrayList<>();
    pool = next;
    for (Server server : next.servers()) {
      ServerController controller = gone.remove(server.id());
      if (controller == null) {
        controller = new ServerController(context, next, server, this);
        added.add(controller);
      } else {
        controller.reconfigure(next, server);
      }
      kept.put(server.id(), controller);
    }
    servers = kept;
    gone.values().forEach(ServerController::stop);
    added.forEach(ServerController::start);
    review();
  }

  /** Keeps a serving server that the file removed or moved until all replicas have left it. */
  private Pool withServing(Pool next) {
    Server serving = serving(role.agreed(), pool);
    if (serving == null
        || next.mode() == PoolMode.BALANCE
        || !context.agreement().keepsServing()
        || isSame(serving, next.server(serving.id()))) {
      return next;
    }
    List<Server> all = new ArrayList<>(next.servers());
    all.removeIf(server -> server.id().equals(serving.id()));
    all.add(serving);
    return next.with(all);
  }

  private static boolean isSame(Server serving, @Nullable Server next) {
    return next != null && next.address().equals(serving.address());
  }

  private static @Nullable Server serving(AgreedRole agreed, Pool pool) {
    ServerId id = agreed.roleState().serving();
    Server server = id == null ? null : pool.server(id);
    return server != null && agreed.isOf(server) ? server : null;
  }

  /** The agreement, another replica's view, or this replica's authority changed. */
  void follow() {
    takeOperatorStates();
    drainTerminating();
    role.take(
        context
            .agreement()
            .agreed(id())
            .<RoleInput>map(RoleInput.Agreed::new)
            .orElseGet(RoleInput.News::new));
    if (!pool.equals(file) && !withServing(file).equals(pool)) {
      putInForce(withServing(file));
    }
    if (!authority.equals(authorityNow())) {
      changed();
    }
  }

  /** Another replica finds a server bad: it is probed until it responds. */
  void suspect(ServerId id, String replica) {
    ServerController server = servers.get(id);
    if (server != null) {
      server.suspect(replica);
    }
  }

  @Override
  public boolean isFencedSince(ServerId server, Instant since) {
    return role.progress().isFencedSince(pool, server, since);
  }

  private Authority authorityNow() {
    Agreement agreement = context.agreement();
    // What the replicas agree on now may still be on its way here, after a choice made alone.
    boolean epoch =
        agreement.isEpochTrusted(id())
            && agreement.agreed(id()).filter(role.agreed()::isSameHolder).isPresent();
    boolean suspends = pool.mode() == PoolMode.FAILOVER && agreement.suspends();
    return new Authority(epoch, suspends, agreement.contact());
  }

  /** Takes the states that the replicas have agreed on. */
  void takeOperatorStates() {
    maintenance.follow();
    OperatorStates states = context.agreement().operatorStates(id());
    servers.values().forEach(each -> each.take(states));
  }

  PoolId id() {
    return pool.id();
  }

  @Override
  public Pool file() {
    return file;
  }

  @Override
  public Pool inForce() {
    return pool;
  }

  /** The pool as the file has it, without the servers that its templates find. */
  Pool written() {
    return written;
  }

  @Override
  public Map<ServerId, ServerController> servers() {
    return servers;
  }

  /** The state to publish. */
  PoolState state() {
    RoleProgress progress = role.progress();
    AgreedRole agreed = progress.agreed();
    RoleState roleState = agreed.roleState();
    authority = authorityNow();
    Server holder = pool.mode() == PoolMode.BALANCE ? null : serving(agreed, pool);
    Map<ServerId, Candidate> marked = role.marked();
    Set<ServerId> usable = Failover.usable(pool, marked);
    List<ServerState> states = new ArrayList<>(servers.size());
    ServerState serving = null;
    for (ServerController server : servers.values()) {
      Candidate seen = marked.get(server.id());
      ServerState state =
          server.state(
              usable.contains(server.id()),
              progress.evidence().lag(server.id()),
              seen != null && seen.behind() != null);
      states.add(state);
      if (holder != null && server.id().equals(holder.id())) {
        serving = state;
      }
    }
    return new PoolState(
        pool,
        states,
        serving,
        roleState.epoch(),
        authority,
        agreed.reason(),
        agreed.since(),
        roleState.pinned(),
        progress.explanation(),
        progress.planned(),
        progress.pausing(),
        progress.owed(pool),
        maintenance.inForce(),
        traffic);
  }

  RoleRunner role() {
    return role;
  }

  MaintenanceController maintenance() {
    return maintenance;
  }

  @Override
  public Set<ServerId> usable() {
    return role.usable();
  }

  @Override
  public void changed() {
    if (!role.isStopped()) {
      publisher.changed(id(), this::state);
    }
  }

  @Override
  public void measured() {
    role.take(new RoleInput.News());
    touched();
  }

  @Override
  public void touched() {
    if (!role.isStopped()) {
      publisher.touched(id(), this::state);
    }
  }
}
