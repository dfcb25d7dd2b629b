package dev.understudy.monitor;

import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFacts;
import dev.understudy.health.AgentReport;
import dev.understudy.health.Health;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.Status;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.WarmUp;
import dev.understudy.text.Printable;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One server: its health, its circuit breaker, and its operator state. */
final class ServerController {
  /** Callbacks on the monitor's thread. */
  interface Listener {
    void circuitChanged(ServerController server, boolean open, String evidence);

    /**
     * The server's agent changed its state.
     *
     * @param by the agent, with its words; null if there is no agent any more
     */
    void agentChangedState(
        ServerController server, OperatorState from, OperatorState to, @Nullable Operator by);

    /** A value may have changed that the choice rests on. */
    void news();

    /** A value changed that is only shown. */
    void touched();

    /** The server's first probe has ended. */
    void firstResponse(ServerController server);
  }

  private static final int MAX_AGENT_WORDS = 150;

  private final Context context;
  private final PoolId pool;
  private final Listener listener;
  private final ServerTraffic traffic = new ServerTraffic();
  private final TrafficInbox.ServerInbox inbox;
  private final HealthController health;
  private final HealthEvents changes;
  private OperatorState operatorState;
  private ServerState.OperatorAct operatorAct;
  private @Nullable Circuit circuit;
  private Duration drain;
  private final AgentController agent;
  private final WarmUpController warmUp;
  private OperatorState agentSays = OperatorState.READY;
  private int weightPercent = ServerState.FULL_WEIGHT;
  private ServerState.OperatorAct agentAct = ServerState.OperatorAct.UNKNOWN;
  private boolean serving;
  private @Nullable Instant leftServing;

  /** When the server was found DOWN after it had been UP; null if it is not DOWN, or never was. */
  private @Nullable Instant failedAt;

  private boolean changed;

  ServerController(Context context, Pool pool, Server server, Listener listener) {
    this.context = context;
    this.pool = pool.id();
    this.listener = listener;
    this.drain = pool.onSwitch().drain();
    this.operatorState =
        context
            .agreement()
            .operatorStates(pool.id())
            .getOrDefault(server.id(), OperatorState.READY);
    this.operatorAct =
        new ServerState.OperatorAct(
            context.agreement().stateOperators(pool.id()).of(server.id(), operatorState), null);
    traffic.byteReceived(context.scheduler().nanoTime());
    this.inbox = context.inbox().open(traffic, context.scheduler(), this::trouble);
    this.changes = new HealthEvents(context, pool.id(), server.id());
    this.health = new HealthController(context, traffic, pool, server, new Judgements());
    this.circuit = circuit(pool.passive());
    this.warmUp = new WarmUpController(context, listener::news);
    this.agent = new AgentController(context, pool, server, health::probed, new AgentWords());
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
    agent.stop();
    warmUp.stop();
    context.inbox().close(traffic);
    if (circuit != null) {
      circuit.stop();
    }
  }

  /** Takes new settings; parts that they do not concern stay as they are. */
  void reconfigure(Pool pool, Server server) {
    drain = pool.onSwitch().drain();
    boolean another = health.reconfigure(server, pool);
    changed |= another;
    if (another) {
      warmUp.reset();
    }
    if (agent.reconfigure(pool, server, another)) {
      agentSays(OperatorState.READY, null);
      weightPercent = ServerState.FULL_WEIGHT;
    }
    PassiveSettings current = circuit == null ? null : circuit.settings();
    if (another || !Objects.equals(current, pool.passive())) {
      replaceCircuit(pool.passive(), "its settings changed");
    }
    updateInbox();
  }

  ServerId id() {
    return health.server().id();
  }

  Health health() {
    return health.health();
  }

  /** Whether its first probe has ended. */
  boolean isJudged() {
    return health().status() != Status.UNKNOWN;
  }

  /** As operators set it. */
  OperatorState operatorState() {
    return operatorState;
  }

  /** As operators set it or, while that is ready, as the server's agent says. */
  private OperatorState effectiveState() {
    return operatorState == OperatorState.READY ? agentSays : operatorState;
  }

  /**
   * Sets the operator state.
   *
   * @param by null if not known
   */
  void operatorState(OperatorState state, @Nullable Operator by) {
    OperatorState before = effectiveState();
    operatorState = state;
    operatorAct = new ServerState.OperatorAct(by, context.now());
    stateChanged(before, effectiveState());
  }

  private void agentSaid(AgentReport report, Instant started) {
    Boolean up = report.up();
    String words = Printable.escapedAndCut(report.text(), MAX_AGENT_WORDS);
    OperatorState state = report.state();
    if (state != null && state != agentSays) {
      agentSays(state, words);
      listener.news();
    }
    int percent = report.percent().orElse(weightPercent);
    if (percent != weightPercent) {
      weightPercent = percent;
      listener.news();
    }
    if (up != null) {
      health.agentSaid(new Observation.Agent(started, up, words));
    }
    listener.touched();
  }

  /**
   * Takes the state that the agent says.
   *
   * @param words null if there is no agent any more
   */
  private void agentSays(OperatorState state, @Nullable String words) {
    OperatorState before = effectiveState();
    agentSays = state;
    Operator by = words == null || words.isBlank() ? null : new Operator("agent", words);
    agentAct = new ServerState.OperatorAct(by, context.now());
    OperatorState after = effectiveState();
    if (before != after) {
      stateChanged(before, after);
      listener.agentChangedState(this, before, after, by);
    }
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
    if (serving || (leftServing != null && now.isBefore(leftServing.plus(drain)))) {
      return null;
    }
    return leftServing == null ? now.minus(drain) : leftServing;
  }

  /** The server begins or ceases to serve. */
  void serving(boolean now) {
    serving = now;
    warmUp.reset();
    leftServing = now || effectiveState() == OperatorState.DRAIN ? null : context.now();
  }

  /**
   * Warms the server up, if it is cold.
   *
   * @param pool its settings; null if no failback to it is near
   */
  void warmUp(@Nullable Pool pool) {
    WarmUp settings = pool == null ? null : pool.failback().warmUp();
    if (pool == null || settings == null) {
      warmUp.stop();
    } else {
      warmUp.begin(settings, pool, health.server(), health.resolved());
    }
  }

  /** The choice has taken into account that a new file made this a different server. */
  void changeSeen() {
    changed = false;
  }

  /** What is seen of the server, to judge all together. */
  MassFailure.Sight sight() {
    Server server = health.server();
    InetAddress at = health.resolved();
    ServerState.LastProbe last = health.lastProbe();
    return new MassFailure.Sight(
        pool,
        server.id(),
        at == null ? server.address().host() : at.getHostAddress(),
        health().status() == Status.UP,
        failedAt,
        last == null ? health().evidence() : last.detail());
  }

  Candidate candidate() {
    Candidate seen =
        Candidate.of(health.health(), circuitOpen(), operatorState, changed)
            .with(new FailbackFacts(traffic.tunnels().get(), warmUp.isWarm()))
            .with(health.claim(), false);
    if (failedAt != null && context.selfCheck().keeps(sight())) {
      seen = seen.kept();
    }
    return operatorState == OperatorState.READY && agentSays != OperatorState.READY
        ? seen.byAgent(agentSays)
        : seen;
  }

  /**
   * The state to publish.
   *
   * @param usable whether the server is usable; an open breaker is not shown if it is
   */
  ServerState state(boolean usable) {
    Health now = health.health();
    return new ServerState(
        pool,
        health.server(),
        health.address(),
        now.status(),
        now.statusSince(),
        effectiveState(),
        actBehindState(),
        circuitOpen() && !usable,
        usable,
        health.incarnation(),
        leftServing,
        health.lastProbe(),
        traffic,
        agentState(),
        weightPercent);
  }

  private ServerState.@Nullable AgentState agentState() {
    ServerState.AgentState said = agent.state();
    boolean inForce = operatorState == OperatorState.READY && agentSays != OperatorState.READY;
    return said == null || !inForce
        ? said
        : new ServerState.AgentState(said.at(), said.said(), said.problem(), true);
  }

  /** The later of both acts, if the state is ready: the one that ended the other state. */
  private ServerState.OperatorAct actBehindState() {
    if (operatorState != OperatorState.READY) {
      return operatorAct;
    }
    Instant ofAgent = agentAct.at();
    Instant ofOperator = operatorAct.at();
    boolean agentLater = ofAgent != null && (ofOperator == null || !ofAgent.isBefore(ofOperator));
    return agentSays != OperatorState.READY || agentLater ? agentAct : operatorAct;
  }

  private boolean circuitOpen() {
    return circuit != null && circuit.isOpen();
  }

  /** Another replica finds the server bad: it is probed until it responds. */
  void suspect(String replica) {
    health.trouble(new Traffic(context.now(), Trouble.SILENT, replica + " finds it bad"));
  }

  private void trouble(Traffic report) {
    health.trouble(report);
  }

  private void updateInbox() {
    inbox.incarnation(health.incarnation());
    inbox.circuit(circuit);
  }

  private void replaceCircuit(@Nullable PassiveSettings settings, String why) {
    boolean wasOpen = circuitOpen();
    if (circuit != null) {
      circuit.stop();
    }
    circuit = circuit(settings);
    if (wasOpen) {
      listener.circuitChanged(this, false, why);
    }
  }

  private @Nullable Circuit circuit(@Nullable PassiveSettings settings) {
    return settings == null
        ? null
        : new Circuit(pool + "/" + id(), settings, context.scheduler(), new Breaks());
  }

  private void closeCircuitIfDue() {
    if (circuit != null && health().status() == Status.UP && circuit.closeIfDue()) {
      listener.circuitChanged(this, false, "its time has passed and its probes are good");
      listener.news();
    }
  }

  private final class Judgements implements HealthController.Listener {
    @Override
    public void judged(Health before, Health after) {
      updateInbox();
      if (after.status() != Status.UP) {
        warmUp.reset();
      }
      if (before.status() != after.status()) {
        boolean failed = before.status() == Status.UP && after.status() == Status.DOWN;
        failedAt = failed ? context.now() : null;
        changes.changed(before.status(), after.status(), after.evidence());
        context.selfCheck().healthChanged();
      }
      closeCircuitIfDue();
      listener.news();
      if (before.status() == Status.UNKNOWN) {
        listener.firstResponse(ServerController.this);
      }
    }

    @Override
    public void moved() {
      warmUp.reset();
      if (circuit != null) {
        replaceCircuit(circuit.settings(), "the server has another address");
      }
    }

    @Override
    public void touched() {
      updateInbox();
      closeCircuitIfDue();
      listener.touched();
    }
  }

  private final class AgentWords implements AgentController.Listener {
    @Override
    public void said(AgentReport report, Instant started) {
      agentSaid(report, started);
    }

    @Override
    public void touched() {
      listener.touched();
    }
  }

  private final class Breaks implements Circuit.Listener {
    @Override
    public void opened() {
      Circuit opened = circuit;
      if (opened != null && opened.isOpen()) {
        listener.circuitChanged(ServerController.this, true, opened.evidence());
        listener.news();
      }
    }

    @Override
    public void due() {
      closeCircuitIfDue();
    }
  }
}
