package dev.understudy.monitor;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.event.Event;
import dev.understudy.event.ServerEvent;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateOrigin;
import java.time.Instant;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes to {@link StateInForce} what operators, the agent and the cluster say of one server's
 * state, and tells when it is another.
 */
final class OperatorStateController {
  /** Changes by an agent within a minute that are an event each: out and back. */
  static final int MOST_AGENT_CHANGES = 2;

  private final MonitorContext context;
  private final PoolId pool;
  private final ServerId server;
  private final BiConsumer<OperatorState, OperatorState> changed;

  /** Changes by the agent; each because of the agent's words, empty if it is not asked. */
  private final JoinedChanges<OperatorState, String> agentChanges;

  private StateInForce state;

  /**
   * Takes up what the replicas have agreed on.
   *
   * @param changed called with the state in force before and now, which may be the same: to be
   *     published in any case
   */
  OperatorStateController(
      MonitorContext context,
      PoolId pool,
      ServerId server,
      BiConsumer<OperatorState, OperatorState> changed) {
    this.context = context;
    this.pool = pool;
    this.server = server;
    this.changed = changed;
    this.agentChanges = new JoinedChanges<>(context, MOST_AGENT_CHANGES, this::eventByAgent);
    this.state = StateInForce.of(context.agreement().operatorStates(pool), server, context.now());
  }

  StateInForce state() {
    return state;
  }

  void stop() {
    agentChanges.stop();
  }

  /** Takes what the replicas have agreed on. */
  void agreed(OperatorStates agreed) {
    StateInForce before = state;
    state = before.agreed(agreed, server, context.now());
    if (state.equals(before)) {
      return;
    }
    OperatorState said = state.by(StateOrigin.OPERATOR);
    if (said != before.by(StateOrigin.OPERATOR) || before.get() != state.get()) {
      context
          .events()
          .add(
              ServerEvent.OperatorStateChanged.byOperator(
                  pool,
                  server,
                  before.get(),
                  before.setter(),
                  said,
                  agreed.override(server) != null,
                  agreed.setter(server)));
    }
    changed.accept(before.get(), state.get());
  }

  /** Lets it drain, as its Pod terminates, or no more. */
  void byCluster(OperatorState next, String why) {
    if (next == state.by(StateOrigin.CLUSTER)) {
      return;
    }
    StateInForce before = state;
    Operator by = new Operator(StateOrigin.CLUSTER.word(), why);
    state = before.byCluster(next, by, context.now());
    if (before.get() != state.get()) {
      context
          .events()
          .add(
              ServerEvent.OperatorStateChanged.by(
                  StateOrigin.CLUSTER, pool, server, before.get(), state.get(), by, why));
      changed.accept(before.get(), state.get());
    }
  }

  /**
   * Takes a word of the agent.
   *
   * @param words its reply
   * @param asked when it was asked
   * @return whether it is another than its last
   */
  boolean byAgent(OperatorState said, String words, Instant asked) {
    StateInForce before = state;
    state = before.byAgent(said, agent(words), asked, context.now());
    boolean news = !state.words().equals(before.words());
    if (news) {
      changedByAgent(before.get(), words);
    }
    AgentOverride ended = state.endedOverride();
    if (ended != null) {
      endOverride(ended);
    }
    return news;
  }

  /** The agent is not asked any more. */
  void withoutAgent() {
    OperatorState before = state.get();
    state = state.withoutAgent(context.now());
    changedByAgent(before, "");
  }

  /** The agent has said another state than the one that an operator overrode. */
  private void endOverride(AgentOverride ended) {
    Agreement agreement = context.agreement();
    if (ended.equals(agreement.operatorStates(pool).override(server))
        && agreement.whyNoCommands().isEmpty()) {
      var unused = agreement.endOverride(pool, server, ended);
    }
  }

  private void changedByAgent(OperatorState before, String words) {
    if (before != state.get()) {
      agentChanges.changed(before, state.get(), words);
      changed.accept(before, state.get());
    }
  }

  private Event eventByAgent(OperatorState from, OperatorState to, int times, String words) {
    Operator by = agent(words);
    String often = times == 1 ? "" : "it changed %d times within a minute; ".formatted(times);
    String why = by == null ? "its agent is no longer asked" : "its agent says: " + by.reason();
    return ServerEvent.OperatorStateChanged.by(
        StateOrigin.AGENT, pool, server, from, to, by, often + why);
  }

  private static @Nullable Operator agent(String words) {
    return words.isBlank() ? null : new Operator(StateOrigin.AGENT.word(), words);
  }
}
