package dev.understudy.monitor;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.event.Event;
import dev.understudy.event.EventText;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFacts;
import dev.understudy.failover.PodLabel;
import dev.understudy.health.AgentReport;
import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateSetter;
import dev.understudy.pool.WarmUpSettings;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.text.Printable;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One server: its health, its circuit breaker, and its operator state. */
final class ServerController implements HealthController.Owner {
  private static final int MAX_AGENT_WORDS = 150;

  /** Changes of health within a minute that are an event each. */
  static final int MOST_CHANGES = 10;

  /** The same of the state by an agent: out and back. */
  static final int MOST_AGENT_CHANGES = 2;

  /** The pool, as its servers see it. */
  interface Owner {
    /** A value on which the choice rests may have changed. */
    void review();

    /** A value changed that is to be published at once. */
    void changed();

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

  /** Changes of the state by the agent; each because of the agent's words, empty if not asked. */
  private final JoinedChanges<OperatorState, String> agentChanges;

  private final StateInForce state;
  private @Nullable ServerCircuitBreaker circuit;
  private final AgentController agent;
  private final WarmUpController warmUp;
  private int weightPercent = ServerState.FULL_WEIGHT;
  private Discovery.@Nullable Pod pod;
  private boolean serving;
  private @Nullable Instant leftServing;

  /** When the server was found DOWN after it had been UP; null if it is not DOWN, or never was. */
  private @Nullable Instant failedAt;

  private boolean changed;

  /** Changes of the address; whether connections made to the one before may stay. */
  private final JoinedChanges<InetAddress, Boolean> addressChanges;

  /** The server's pool in force. */
  private Pool pool;

  ServerController(MonitorContext context, Pool pool, Server server, Owner owner) {
    this.context = context;
    this.owner = owner;
    this.pool = pool;
    this.state =
        new StateInForce(context.agreement().operatorStates(pool.id()), server.id(), context::now);
    traffic.byteReceived(context.scheduler().nanoTime());
    this.changes =
        new JoinedChanges<>(
            context,
            MOST_CHANGES,
            (from, to, times, evidence) ->
                EventText.healthChanged(pool.id(), server.id(), from, to, times, evidence));
    this.addressChanges =
        new JoinedChanges<>(
            context,
            1,
            (from, to, times, stay) ->
                EventText.addressChanged(pool.id(), server.id(), from, to, times, stay));
    this.agentChanges = new JoinedChanges<>(context, MOST_AGENT_CHANGES, this::eventByAgent);
    this.health = new HealthController(context, traffic, pool, server, this);
    this.inbox = context.inbox().open(traffic, context.scheduler(), health::trouble);
    this.circuit = circuit(pool.settings().passive());
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
    agentChanges.stop();
    addressChanges.stop();
    agent.stop();
    warmUp.stop();
    context.inbox().close(traffic);
    if (circuit != null) {
      circuit.stop();
    }
  }

  /** Takes new settings; parts that they do not concern stay as they are. */
  void reconfigure(Pool next, Server server) {
    pool = next;
    boolean another = health.reconfigure(server, next);
    changed |= another;
    if (another) {
      failedAt = null;
      warmUp.reset();
    }
    if (agent.reconfigure(next, server, another)) {
      OperatorState before = state.get();
      state.withoutAgent();
      changedByAgent(before, "");
      weightPercent = ServerState.FULL_WEIGHT;
    }
    PassiveSettings current = circuit == null ? null : circuit.settings();
    if (another || !Objects.equals(current, next.settings().passive())) {
      replaceCircuit(next.settings().passive(), "its settings changed");
    }
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

  /** If it is DOWN, forgets why. */
  void judgeAnew() {
    health.judgeAnew();
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
    return new KnownServer(
        pool.id(),
        id(),
        now.status(),
        now.statusSince().plus(context.scheduler().ahead()),
        now.evidence(),
        circuit == null ? null : circuit.known());
  }

  /** Takes over what the process before knew. */
  void take(KnownServer known) {
    health.take(known);
    if (circuit != null && known.circuit() != null) {
      circuit.take(known.circuit());
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
    return state;
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
    OperatorState next = drains ? OperatorState.DRAIN : OperatorState.READY;
    if (next == state.by(StateSetter.CLUSTER)) {
      return;
    }
    OperatorState before = state.get();
    String why =
        drains
            ? "its Pod is terminating"
            : isTerminating()
                ? "its Pod is terminating, but no other server is usable"
                : "its Pod is not terminating";
    Operator by = new Operator(StateSetter.CLUSTER.word(), why);
    state.byCluster(next, by);
    OperatorState after = state.get();
    if (before != after) {
      stateChanged(before, after);
      context
          .events()
          .add(
              EventText.stateChangedBy(
                  StateSetter.CLUSTER, pool.id(), id(), before, after, by, why));
      owner.changed();
    }
  }

  /** Takes the state that the replicas have agreed on. */
  void take(OperatorStates agreed) {
    OperatorState said = state.by(StateSetter.OPERATOR);
    OperatorState next = agreed.of(id());
    AgentOverride over = agreed.override(id());
    if (!state.isNews(next, over)) {
      return;
    }
    OperatorState before = state.get();
    StateSetter setter = state.setter();
    Operator by = agreed.setter(id());
    state.byOperators(next, over, by);
    stateChanged(before, state.get());
    if (next != said || before != state.get()) {
      context
          .events()
          .add(
              EventText.operatorStateChanged(
                  pool.id(), id(), before, setter, next, over != null, by));
    }
    owner.changed();
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
    if (said != null) {
      OperatorState before = state.get();
      if (state.byAgent(said, agent(words), started)) {
        changedByAgent(before, words);
        owner.review();
      }
      AgentOverride ended = state.endedOverride();
      if (ended != null) {
        endOverride(ended);
      }
    }
    int percent = report.percent().orElse(weightPercent);
    if (percent != weightPercent) {
      weightPercent = percent;
      owner.review();
    }
    if (up != null) {
      health.report(new Observation.Agent(started, up, words));
    }
    owner.touched();
  }

  /** The agent has said another state than the one that an operator overrode. */
  private void endOverride(AgentOverride ended) {
    Agreement agreement = context.agreement();
    if (ended.equals(agreement.operatorStates(pool.id()).override(id()))
        && agreement.whyNoCommands().isEmpty()) {
      var unused = agreement.endOverride(pool.id(), id(), ended);
    }
  }

  /** Tells of another state in force because of the agent's words, empty if it is not asked. */
  private void changedByAgent(OperatorState before, String words) {
    OperatorState after = state.get();
    if (before != after) {
      stateChanged(before, after);
      agentChanges.changed(before, after, words);
      owner.changed();
    }
  }

  private Event eventByAgent(OperatorState from, OperatorState to, int times, String words) {
    Operator by = agent(words);
    String often = times == 1 ? "" : "it changed %d times within a minute; ".formatted(times);
    String why = by == null ? "its agent is no longer asked" : "its agent says: " + by.reason();
    return EventText.stateChangedBy(StateSetter.AGENT, pool.id(), id(), from, to, by, often + why);
  }

  private static @Nullable Operator agent(String words) {
    return words.isBlank() ? null : new Operator(StateSetter.AGENT.word(), words);
  }

  private void stateChanged(OperatorState before, OperatorState after) {
    boolean drained = before == OperatorState.DRAIN;
    boolean drains = after == OperatorState.DRAIN;
    if (drains && !drained) {
      leftServing = leftServingOnDrain();
    } else if (drained && !drains && !serving && leftServing == null) {
      leftServing = context.now();
    }
  }

  /** A drain keeps the sessions that the server still has; it gets none by being drained. */
  private @Nullable Instant leftServingOnDrain() {
    Instant now = context.now();
    Duration drain = pool.settings().onSwitch().drain();
    if (serving || (leftServing != null && now.isBefore(leftServing.plus(drain)))) {
      return null;
    }
    return leftServing == null ? now.minus(drain) : leftServing;
  }

  /** The server begins or ceases to serve. */
  void serving(boolean now) {
    serving = now;
    warmUp.reset();
    leftServing = now || state.get() == OperatorState.DRAIN ? null : context.now();
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
    ProbedServer seen = health.server();
    InetAddress at = seen.address();
    ServerState.LastProbe last = seen.lastProbe();
    return new MassFailure.ObservedServer(
        pool.id(),
        at == null ? seen.server().address().host() : at.getHostAddress(),
        health().status(),
        failedAt,
        last == null ? health().evidence() : last.detail());
  }

  Candidate candidate() {
    Candidate seen =
        Candidate.of(health.health(), circuitOpen(), state.by(StateSetter.OPERATOR), changed)
            .with(
                new FailbackFacts(
                    traffic.tunnels().get(), warmUp.isWarm(), context.scheduler().ahead()))
            .with(health.server().claim(), false);
    if (failedAt != null && context.selfCheck().keeps(observed())) {
      seen = seen.kept();
    }
    StateSetter setter = state.setter();
    return setter == StateSetter.OPERATOR ? seen : seen.with(state.get(), setter);
  }

  /**
   * The state to publish.
   *
   * @param usable whether the server is usable; an open breaker is not shown if it is
   */
  ServerState state(boolean usable) {
    Health now = health.health();
    return new ServerState(
        pool.id(),
        health.server().server(),
        health.server().socketAddress(),
        now.status(),
        now.statusSince(),
        state.get(),
        state.act(),
        circuitOpen() && !usable,
        usable,
        health.incarnation(),
        health.oldestIncarnation(),
        leftServing,
        health.server().lastProbe(),
        traffic,
        agent.state(state.setter() == StateSetter.AGENT, state.isAgentOverridden()),
        weightPercent,
        pod == null
            ? null
            : new ServerState.PodState(
                pod.terminating(), pod.label(), state.setter() == StateSetter.CLUSTER));
  }

  private boolean circuitOpen() {
    return circuit != null && circuit.isOpen();
  }

  /** Another replica finds the server bad: it is probed until it responds. */
  void suspect(String replica) {
    health.trouble(new Traffic(context.now(), Trouble.SILENT, replica + " finds the server bad"));
  }

  private void updateInbox() {
    inbox.concerns(health.incarnation(), circuit);
  }

  private void replaceCircuit(@Nullable PassiveSettings settings, String why) {
    boolean wasOpen = circuitOpen();
    if (circuit != null) {
      circuit.stop();
    }
    circuit = circuit(settings);
    if (wasOpen) {
      circuitChanged(false, why);
    }
  }

  private void circuitChanged(boolean open, String evidence) {
    boolean kept = open && owner.usable().contains(id());
    String why = kept ? evidence + "; it stays in use, as no other server could serve" : evidence;
    context.events().add(EventText.circuitChanged(pool.id(), id(), open, why));
  }

  private @Nullable ServerCircuitBreaker circuit(@Nullable PassiveSettings settings) {
    return settings == null
        ? null
        : new ServerCircuitBreaker(
            pool.id() + "/" + id(),
            settings,
            context.scheduler(),
            this::circuitOpened,
            this::closeCircuitIfDue);
  }

  private void closeCircuitIfDue() {
    if (circuit != null && health().status() == HealthStatus.UP && circuit.closeIfDue()) {
      circuitChanged(false, "its open time has passed and the server's probes are good");
      owner.review();
    }
  }

  @Override
  public void judged(Health before, Health after) {
    updateInbox();
    if (after.status() != HealthStatus.UP) {
      warmUp.reset();
    }
    if (before.status() != after.status()) {
      boolean failed = before.status() == HealthStatus.UP && after.status() == HealthStatus.DOWN;
      failedAt = failed ? context.now() : null;
      changes.changed(before.status(), after.status(), after.evidence());
      context.selfCheck().healthChanged(failed);
    }
    closeCircuitIfDue();
    owner.review();
  }

  @Override
  public boolean mayKeepConnections() {
    // Of two machines that were primary in turn, the first must get no more.
    return !circuitOpen() && !pool.provesRole();
  }

  @Override
  public void moved(@Nullable InetAddress from, InetAddress to, boolean stay) {
    if (from != null) {
      addressChanges.changed(from, to, stay);
    }
    failedAt = null;
    warmUp.reset();
    if (circuit != null) {
      replaceCircuit(circuit.settings(), "the server's address changed");
    }
  }

  @Override
  public void touched() {
    updateInbox();
    closeCircuitIfDue();
    owner.touched();
  }

  private void circuitOpened() {
    ServerCircuitBreaker opened = circuit;
    if (opened != null && opened.isOpen()) {
      circuitChanged(true, opened.evidence());
      owner.review();
    }
  }
}
