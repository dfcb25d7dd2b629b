package dev.understudy.monitor;

import dev.understudy.agreement.OperatorStates;
import dev.understudy.database.ObservedClaim;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFacts;
import dev.understudy.failover.Lag;
import dev.understudy.failover.PodLabel;
import dev.understudy.health.AgentReport;
import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateOrigin;
import dev.understudy.pool.WarmUpSettings;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.text.Printable;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One server, put together of its health, its agent, its operator state and its circuit breaker:
 * passes on what one of them means for the others, and says what the pool may choose from.
 */
final class ServerController implements HealthController.Owner {
  private static final int MAX_AGENT_WORDS = 150;

  /** Changes of health within a minute that are an event each. */
  static final int MOST_CHANGES = 10;

  /** The pool, as its servers see it. */
  interface Owner {
    /** A value on which the choice rests may have changed. */
    void review();

    /** A value changed that is to be published at once. */
    void changed();

    /** The data of a server was measured, of which the choice may take account. */
    void measured();

    /** A value changed that is only shown. */
    void touched();

    /** Whether a planned switch may have fenced a server since then: what is bad is no failure. */
    boolean isFencedSince(ServerId server, Instant since);

    /** The servers that are usable, as this replica sees them. */
    Set<ServerId> usable();
  }

  private final MonitorContext context;
  private final Owner owner;
  private final ServerTraffic traffic = new ServerTraffic();
  private final TrafficInbox.ServerInbox inbox;
  private final HealthController health;
  private final JoinedChanges<HealthStatus, String> changes;
  private final OperatorStateController state;
  private final CircuitController circuit;
  private final AgentController agent;
  private final WarmUpController warmUp;
  private int weightPercent = ServerState.FULL_WEIGHT;
  private Discovery.@Nullable Pod pod;
  private Departure departure = Departure.NONE;

  /**
   * Whether a new file made it a different server, and the choice has not taken that into account.
   */
  private boolean changed;

  /** Changes of the address; whether connections made to the one before may stay. */
  private final JoinedChanges<InetAddress, Boolean> addressChanges;

  /** The server's pool in force. */
  private Pool pool;

  ServerController(MonitorContext context, Pool pool, Server server, Owner owner) {
    this.context = context;
    this.owner = owner;
    this.pool = pool;
    this.state = new OperatorStateController(context, pool.id(), server.id(), this::stateChanged);
    traffic.byteReceived(context.scheduler().nanoTime());
    this.changes =
        new JoinedChanges<>(
            context,
            MOST_CHANGES,
            (from, to, times, evidence) ->
                ServerEvent.HealthChanged.of(pool.id(), server.id(), from, to, times, evidence));
    this.addressChanges =
        new JoinedChanges<>(
            context,
            1,
            (from, to, times, stay) ->
                ServerEvent.AddressChanged.of(pool.id(), server.id(), from, to, times, stay));
    this.health = new HealthController(context, traffic, pool, server, this);
    this.inbox = context.inbox().open(traffic, context.scheduler(), health::trouble);
    this.circuit =
        new CircuitController(
            context,
            pool.id(),
            server.id(),
            pool.settings().passive(),
            () -> health().status() == HealthStatus.UP,
            () -> owner.usable().contains(server.id()),
            owner::review);
    this.warmUp = new WarmUpController(context, owner::review);
    this.agent = new AgentController(context, pool, server, health::probed, this::agentReplied);
    updateInbox();
  }

  void start() {
    health.start();
    agent.start();
    updateInbox();
  }

  void stop() {
    health.stop();
    changes.stop();
    state.stop();
    addressChanges.stop();
    agent.stop();
    warmUp.stop();
    context.inbox().close(traffic);
    context.removed().removed(health.server().server(), traffic);
    circuit.stop();
  }

  /** Takes new settings; parts that they do not concern stay as they are. */
  void reconfigure(Pool next, Server server) {
    pool = next;
    boolean another = health.reconfigure(server, next);
    changed |= another;
    if (another) {
      warmUp.reset();
    }
    if (agent.reconfigure(next, server, another)) {
      state.withoutAgent();
      weightPercent = ServerState.FULL_WEIGHT;
    }
    circuit.reconfigure(next.settings().passive(), another);
    updateInbox();
  }

  ServerId id() {
    return health.server().server().id();
  }

  Health health() {
    return health.health();
  }

  @Override
  public boolean isFencedSince(Instant since) {
    return owner.isFencedSince(id(), since);
  }

  /** Sees whether its checks have come to be late. */
  void lookAtChecks() {
    health.look();
  }

  /** If it is DOWN, or UP and {@code up}, forgets why. */
  void judgeAnew(boolean up) {
    health.judgeAnew(up);
  }

  /** Whether nothing of its machine was heard by the newest probe, whatever explains that. */
  boolean isSilent() {
    return health.isSilent();
  }

  /** When the run of bad observations began; null unless it is DOWN. */
  @Nullable Instant firstBad() {
    return health().status() == HealthStatus.DOWN ? health().firstBad() : null;
  }

  /** Whether its first probe has ended. */
  boolean isJudged() {
    return health().status() != HealthStatus.UNKNOWN;
  }

  /** What is known of it, for the next process. */
  KnownServer known() {
    Health now = health();
    ServerCircuitBreaker breaker = circuit.breaker();
    return new KnownServer(
        pool.id(),
        id(),
        now.status(),
        now.statusSince().plus(context.scheduler().ahead()),
        now.evidence(),
        breaker == null ? null : breaker.known());
  }

  /** Takes over what the process before knew. */
  void take(KnownServer known) {
    health.take(known);
    ServerCircuitBreaker breaker = circuit.breaker();
    if (breaker != null && known.circuit() != null) {
      breaker.take(known.circuit());
      updateInbox();
    }
    owner.touched();
    owner.review();
  }

  /** The live counters. */
  ServerTraffic traffic() {
    return traffic;
  }

  StateInForce operatorState() {
    return state.state();
  }

  /**
   * Takes what the cluster tells of its Pod.
   *
   * @return whether that is news
   */
  boolean pod(Discovery.Pod told) {
    boolean news = !told.equals(pod);
    pod = told;
    return news;
  }

  /** Whether its Pod terminates. */
  boolean isTerminating() {
    return pod != null && pod.terminating();
  }

  /** What the role label of its Pod says; null if that is not known. */
  @Nullable PodLabel label() {
    return pod == null ? null : pod.label();
  }

  /** Lets it drain, as its Pod terminates, or no more. */
  void drainByCluster(boolean drains) {
    state.byCluster(
        drains ? OperatorState.DRAIN : OperatorState.READY,
        drains
            ? "its Pod is terminating"
            : isTerminating()
                ? "its Pod is terminating, but no other server is usable"
                : "its Pod is not terminating");
  }

  /** Takes the state that the replicas have agreed on. */
  void take(OperatorStates agreed) {
    state.agreed(agreed);
  }

  /** Takes a reply of the agent; null if it is not understood, which is only shown. */
  private void agentReplied(@Nullable AgentReport report, Instant started) {
    if (report == null) {
      owner.touched();
      return;
    }
    Boolean up = report.up();
    String words = Printable.escapedAndCut(report.text(), MAX_AGENT_WORDS);
    OperatorState said = report.state();
    boolean news = said != null && state.byAgent(said, words, started);
    int percent = report.percent().orElse(weightPercent);
    if (news || percent != weightPercent) {
      weightPercent = percent;
      owner.review();
    }
    if (up != null) {
      health.report(new Observation.Agent(started, up, words));
    }
    owner.touched();
  }

  private void stateChanged(OperatorState before, OperatorState after) {
    boolean drained = before == OperatorState.DRAIN;
    boolean drains = after == OperatorState.DRAIN;
    if (drains && !drained) {
      departure = departure.drained(pool.settings().onSwitch().drain(), context.now());
    } else if (drained && !drains) {
      departure = departure.undrained(context.now());
    }
    owner.changed();
  }

  /** The server begins or ceases to serve. */
  void serving(boolean begins) {
    warmUp.reset();
    boolean drains = state.state().get() == OperatorState.DRAIN;
    departure = departure.serving(begins, drains, context.now());
  }

  /** Warms the server up, if it is cold; or does so no more, as no failback to it is near. */
  void warmUp(boolean wanted) {
    WarmUpSettings settings = wanted ? pool.failback().warmUp() : null;
    if (settings == null) {
      warmUp.stop();
    } else {
      warmUp.begin(settings, pool, health.server().server(), health.server().address());
    }
  }

  /** The choice has taken into account that a new file made this a different server. */
  void changeSeen() {
    changed = false;
  }

  /** What is seen of the server, to judge all together. */
  MassFailure.ObservedServer observed() {
    return health.server().observed();
  }

  Candidate candidate() {
    StateInForce said = state.state();
    Candidate seen =
        Candidate.of(health(), circuit.isOpen(), said.by(StateOrigin.OPERATOR), changed)
            .with(
                new FailbackFacts(
                    traffic.tunnels().get(), warmUp.isWarm(), context.scheduler().ahead()))
            .withLateChecks(health().isLate())
            .with(health.server().claim(), false);
    if (health.server().failedAt() != null && context.selfCheck().keeps(observed())) {
      seen = seen.kept();
    }
    StateOrigin setter = said.setter();
    return setter == StateOrigin.OPERATOR ? seen : seen.with(said.get(), setter);
  }

  /**
   * The state to publish.
   *
   * @param usable whether the server is usable; an open breaker is not shown if it is
   * @param lag how far its data is behind; null if that is not known
   * @param tooFar whether that is too far for a promotion
   */
  ServerState state(boolean usable, @Nullable Lag lag, boolean tooFar) {
    ProbedServer probed = health.server();
    Health now = probed.health();
    StateInForce said = this.state.state();
    ObservedClaim.Measured measured = probed.claim().measured();
    return new ServerState(
        pool.id(),
        probed.server(),
        probed.socketAddress(),
        now.status(),
        now.statusSince(),
        said.get(),
        said.act(),
        circuit.isOpen() && !usable,
        usable,
        health.incarnation(),
        health.oldestIncarnation(),
        departure.since(),
        probed.lastProbe(),
        traffic,
        agent.state(said.setter() == StateOrigin.AGENT, said.isAgentOverridden()),
        weightPercent,
        pod == null
            ? null
            : new ServerState.PodState(
                pod.terminating(), pod.label(), said.setter() == StateOrigin.CLUSTER),
        new ServerState.Checks(now.newestCheck(), now.isLate()),
        measured == null
            ? null
            : new ServerState.DataState(
                measured.position().toString(), measured.asked(), lag, tooFar));
  }

  /** Another replica finds the server bad: it is probed until it responds. */
  void suspect(String replica) {
    health.trouble(new Traffic(context.now(), Trouble.SILENT, replica + " finds the server bad"));
  }

  private void updateInbox() {
    inbox.concerns(health.incarnation(), circuit.breaker());
  }

  @Override
  public void judged(Health before, Health after) {
    updateInbox();
    if (after.status() != HealthStatus.UP) {
      warmUp.reset();
    }
    if (before.status() != after.status()) {
      boolean failed = before.status() == HealthStatus.UP && after.status() == HealthStatus.DOWN;
      changes.changed(before.status(), after.status(), after.evidence());
      context.selfCheck().healthChanged(failed);
    }
    circuit.closeIfDue();
    owner.review();
  }

  @Override
  public boolean mayKeepConnections() {
    // Of two machines that were primary in turn, the first must get no more.
    return !circuit.isOpen() && !pool.provesRole();
  }

  @Override
  public void moved(@Nullable InetAddress from, InetAddress to, boolean stay) {
    if (from != null) {
      addressChanges.changed(from, to, stay);
    }
    warmUp.reset();
    circuit.moved();
  }

  @Override
  public void measured() {
    updateInbox();
    circuit.closeIfDue();
    owner.measured();
  }

  @Override
  public void touched() {
    updateInbox();
    circuit.closeIfDue();
    owner.touched();
  }
}
