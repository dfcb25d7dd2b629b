package dev.understudy.monitor;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateSetter;
import dev.understudy.snapshot.ServerState.OperatorAct;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The operator state of one server: as operators set it or, while that is ready, as the server's
 * agent says or, while that is ready too, the cluster.
 */
final class StateInForce {
  private final InstantSource clock;

  /** The last word of each; ready before its first. */
  private final Map<StateSetter, Word> words = new EnumMap<>(StateSetter.class);

  /** The operators' newest act over the agent that was seen here; null if there is none. */
  private @Nullable AgentOverride override;

  /** The word of the agent that does not count, until it says another; null if each counts. */
  private @Nullable OperatorState overridden;

  private Instant overriddenSince;

  private record Word(OperatorState state, OperatorAct act) {}

  /** Takes up what the replicas have agreed on. */
  StateInForce(OperatorStates states, ServerId server, InstantSource clock) {
    this.clock = clock;
    for (StateSetter each : StateSetter.values()) {
      words.put(each, new Word(OperatorState.READY, OperatorAct.UNKNOWN));
    }
    OperatorAct act = new OperatorAct(states.setter(server), null);
    words.put(StateSetter.OPERATOR, new Word(states.of(server), act));
    override = states.override(server);
    overridden = override == null ? null : override.state();
    overriddenSince = clock.instant();
  }

  OperatorState get() {
    return by(setter());
  }

  /** Who set the state in force; operators, if it is ready. */
  StateSetter setter() {
    for (StateSetter each : StateSetter.values()) {
      if (by(each) != OperatorState.READY) {
        return each;
      }
    }
    return StateSetter.OPERATOR;
  }

  /** As one of them says; of the agent, unless an operator overrode that word. */
  OperatorState by(StateSetter setter) {
    OperatorState said = word(setter).state;
    return setter == StateSetter.AGENT && said == overridden ? OperatorState.READY : said;
  }

  /** Whether the agent's word does not count. */
  boolean isAgentOverridden() {
    return word(StateSetter.AGENT).state != by(StateSetter.AGENT);
  }

  /** How it came about: if it is ready, the latest act, which ended another state. */
  OperatorAct act() {
    if (get() != OperatorState.READY) {
      return word(setter()).act;
    }
    OperatorAct latest = word(StateSetter.OPERATOR).act;
    for (Word each : words.values()) {
      Instant at = each.act.at();
      if (at != null && (latest.at() == null || !at.isBefore(latest.at()))) {
        latest = each.act;
      }
    }
    return latest;
  }

  /** Whether the operators' state is another than it was, or overrides the agent anew. */
  boolean isNews(OperatorState state, @Nullable AgentOverride over) {
    return state != by(StateSetter.OPERATOR) || (over != null && !over.equals(override));
  }

  /**
   * Operators set it.
   *
   * @param over what they override; null if nothing
   * @param who null if not known
   */
  void byOperators(OperatorState state, @Nullable AgentOverride over, @Nullable Operator who) {
    set(StateSetter.OPERATOR, state, who);
    if (over == null) {
      overridden = state == OperatorState.READY ? overridden : null;
    } else if (!over.equals(override)) {
      // What the agent said here last, or will have said before the act.
      OperatorState said = word(StateSetter.AGENT).state;
      overridden = said == OperatorState.READY ? over.state() : said;
      overriddenSince = clock.instant();
    }
    override = over;
  }

  /**
   * The agent says a state.
   *
   * @param asked when it was asked: what it said before it was overridden does not count
   * @return whether it is another than its last
   */
  boolean byAgent(OperatorState state, @Nullable Operator who, Instant asked) {
    boolean outdated = overridden != null && asked.isBefore(overriddenSince);
    boolean another = !outdated && state != word(StateSetter.AGENT).state;
    if (another) {
      set(StateSetter.AGENT, state, who);
    }
    overridden = outdated || state == overridden ? overridden : null;
    return another;
  }

  /** The act that the agent has ended by another word; null if there is none. */
  @Nullable AgentOverride endedOverride() {
    return overridden == null ? override : null;
  }

  /** There is no agent any more. */
  void withoutAgent() {
    set(StateSetter.AGENT, OperatorState.READY, null);
    overridden = null;
  }

  /** The cluster says it. */
  void byCluster(OperatorState state, Operator who) {
    set(StateSetter.CLUSTER, state, who);
  }

  private void set(StateSetter setter, OperatorState state, @Nullable Operator who) {
    words.put(setter, new Word(state, new OperatorAct(who, clock.instant())));
  }

  private Word word(StateSetter setter) {
    return Objects.requireNonNull(words.get(setter));
  }
}
